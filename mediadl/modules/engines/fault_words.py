"""The words that engines use for failures, and which of our classes they mean. Searched from top to bottom.

A message that users report stands in `tests/recorded_errors.txt` before its words stand here.
"""

from __future__ import annotations

from mediadl import errors
from mediadl.errors import DownloadError

WORDS: tuple[tuple[type[DownloadError], tuple[str, ...]], ...] = (
    # Disk and rights come first: their text is often wrapped in something else
    (errors.DiskFull, (r"no space left on device", r"errno 28\b", r"disk quota exceeded")),
    (errors.NotWritable, (
        r"permission denied: ", r"read-only file system", r"errno (?:13|30|36)\b", r"file name too long",
        r"unable to rename file",
    )),
    # The way to the server
    (errors.TlsFailed, (
        r"certificate[ _]verify[ _]failed", r"certificateverifyerror", r"self[- ]signed certificate",
        r"certificate has expired", r"ssl certificate problem", r"hostname .{0,80}doesn'?t match",
        r"curl: \((?:58|60|77|83|90|91)\)",
    )),
    (errors.ProxyFailed, (
        r"proxyerror", r"(?:cannot|unable to) connect to proxy", r"tunnel connection failed",
        r"socks\w* (?:error|proxy)", r"407 proxy", r"curl: \((?:5|97)\)", r"connect tunnel failed",
        r"dependencies for socks",
    )),
    (errors.AddressRefused, (r"is a private address", r"address refused", r"local sockets are not for")),
    # The site wants to see the account's owner: every further request makes it worse
    (errors.LoginNeeded, (
        r"(?:checkpoint|challenge|feedback)[_ ]required", r"redirect to challenge page",
        r"redirect to \S+/(?:challenge|accounts/login)", r"redirected to (?:the )?login page",
    )),
    # Rate limits and bot checks
    (errors.RateLimited, (
        r"http error 429", r"'429 ", r"too many (?:requests|queries)", r"rate[- ]?limit",
        r"please wait a few minutes", r"try again later", r"temporarily banned", r"play limit",
        # A page of a list that stays empty, or comes again and again
        r"failed to retrieve \S+ page \d", r"keeps sending the same",
        # gallery-dl 1.32.18, when Instagram refuses the profile page
        r"local variable 'page'",
    )),
    (errors.Challenge, (
        r"sign in to confirm you.{0,3}re not a bot", r"captcha", r"cloudflare", r"ddos-guard",
        r"bot (?:check|detection)", r"anti-bot", r"solve js challenge", r"javascript challenge",
        r"extract challenge data", r"universal data for rehydration",
        r"(?:retrieve|extract) rehydration data", r"failed to find matching digest",
        r"unable to extract secondary user id", r"unexpected response from webpage request",
    )),
    # Who may see it
    (errors.GeoBlocked, (
        r"available (?:in|from) your (?:country|location|region)", r"geo[- ]?(?:restrict|block)",
        r"region[- ]locked", r"blocked (?:it )?in your country", r"(?:status|error) code 10231",
        r"you might want to use a vpn", r"http error 451", r"'451 ",
    )),
    (errors.Private, (
        r"(?:account|profile|video|post)s? (?:is|are) (?:likely )?(?:either )?private",
        r"private (?:video|account|profile)", r"do not have permission to view this post",
        r"(?:status|error) code (?:10216|10222)", r"private but not followed", r"protected tweet",
        r"\bhas blocked you", r"registered users who follow", r"or this profile has no videos",
    )),
    (errors.LoginNeeded, (
        r"log ?in (?:is )?(?:required|for access|needed|or sign ?up)", r"login (?:is )?required",
        r"(?:requires|requiring) login", r"need to log ?in", r"redirect to (?:login|home) page", r"registered users",
        r"account credentials", r"authentication (?:is )?required", r"requires authentication", r"use --cookies",
        r"--username and --password", r"sign in to (?:confirm your age|view|continue)",
        r"cookies (?:are )?needed", r"you may need cookies", r"cookies: .{1,200} expired at",
        r"invalid netscape", r"refreshing your cookies", r"insufficient privileges", r"members[- ]only",
        r"invalid (?:login|password|user(?:name)?\b)", r"wrong (?:video )?password", r"unable to log ?in",
        r"log ?in (?:error|failed)", r"login with username", r"two-factor", r"password (?:protected|required)",
        r"(?:do|does) not have access to this", r"requires a subscription", r"premium members",
        r"authorizationerror", r"authrequired", r"authenticationerror", r"unable to extract lsd token",
        r"empty media response", r"http error 401", r"'401 ", r"401 unauthorized", r"not logged in",
        r": skipping post$",
    )),
    # Gone
    (errors.MediaNotFound, (
        r"http error (?:404|410)", r"'(?:404|410) ", r"could not be found", r"has been (?:removed|deleted)",
        r"was deleted", r"most likely expired", r"suspended user", r"no profile found",
        r"no longer (?:available|exists)", r"does(?: not|n'?t) exist", r"not available$",
        r"(?:status|error) code (?:10204|10221|10404)", r"is unavailable", r"video unavailable",
        r"account .{0,40}terminated", r"/removed\.\w+",
        r"ip address is blocked from accessing this post", r"requested \w+ not available", r"404 not found",
        r"\b(?:page|user|post|video|media|account|channel|thread|file|gallery|album) not found",
    )),
    (errors.Forbidden, (
        r"http error 40[03]", r"'40[03] ", r"forbidden", r"access denied", r"400 bad request",
        r"ip address is unable", r"has been disabled by the (?:video )?owner",
    )),
    (errors.ServerError, (
        r"http error 5\d\d", r"'5\d\d ", r"error code 5\d\d", r"(?:^|: )5\d\d - ", r"internal server error",
        r"bad gateway", r"service unavailable",
    )),
    # What came
    (errors.PostprocessFailed, (
        r"ffmpeg", r"ffprobe", r"(?:post|pre)-?process", r"conversion failed", r"merging of multiple formats",
    )),
    (errors.TooLarge, (r"larger than (?:allowed maximum|max-filesize)",)),
    (errors.BadContent, (
        r"moov atom not found", r"invalid data found", r"not contain any stream", r"html response", r"empty file$",
        r"^invalid response$", r"exceeded \d+ redirects", r"redirects followed", r"content-encoding",
    )),
    # Nothing there
    (errors.Unsupported, (
        r"unsupported url", r"no suitable extractor", r"noextractorerror", r"is not a valid url", r"\binvalid url",
        r"drm[- ]protect", r"known to use drm", r"used for piracy", r"urls are not supported",
        r"\bunsupported [\w ]{1,40}type",
    )),
    (errors.NoMedia, (
        r"no (?:video|media)s? (?:formats )?(?:found|in this post)", r"there(?:'s| is) no video",
        r"no (?:video|media)s? (?:content )?(?:could be|was|were) found", r"no results for",
        r"not have any (?:videos|posts)", r"not have an? \w+ tab", r"could not extract any",
        r"missing media in post", r"requested format is not available", r"only images are available",
        r"stream has (?:ended|not yet)", r"event will begin in", r"premieres in", r"\bis offline",
    )),
    # The engine itself
    (errors.EngineBroken, (
        r"impersonate target .{1,80} not available", r"cannot import (?:module|yt-dlp)", r"too many open files",
    )),
    # Broken transfers
    (errors.NetworkFailed, (
        r"content too short", r"\d bytes read", r"did not get any data blocks", r"downloaded file is empty",
        r"timed? ?out", r"connection (?:reset|refused|aborted|broken|error)", r"remote end closed",
        r"name or service not known", r"temporary failure in name resolution", r"failed to resolve",
        r"getaddrinfo failed", r"network is unreachable", r"no route to host", r"max retries exceeded",
        r"transporterror", r"incompleteread", r"connectionerror", r"unable to download (?:data|webpage|json)",
        r"curl: \((?:6|7|16|18|28|35|52|55|56|92)\)", r"ssl: ", r"eof occurred", r"ended prematurely",
        r"fragment \d+ not found", r"failed to download \S",
    )),
    # The site speaks another language now
    (errors.SiteChanged, (
        r"failed to (?:parse|extract)", r"unable to (?:parse|extract|find|get)",
        r"c(?:ould no|anno)t (?:extract|parse)", r"unexpected error occurred", r"unexpected (?:api )?response",
        r"extractor error has occurred", r"api request failed", r"failed to load api data", r"metadata failed",
        r"did not contain", r"unknown media_type", r"reel json", r"unknown error code",
        r"not available, status code \d", r"expecting value", r"(?:key|index|attribute|type|value|jsondecode)error",
    )),
)  # fmt: skip
"""Class of failure and patterns of its words, without regard to case."""
