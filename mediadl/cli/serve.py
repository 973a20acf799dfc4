"""`mediadl serve`: the screens in a browser."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mediadl.cli import output


def serve(
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Listen there. [web.host]")] = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="And on this port; 0: any. [web.port]")
    ] = None,
    tls_cert: Annotated[
        str | None, typer.Option(metavar="FILE", help="Certificate, PEM. [web.tls_cert]")
    ] = None,
    tls_key: Annotated[str | None, typer.Option(metavar="FILE", help="Its key, PEM. [web.tls_key]")] = None,
    public_url: Annotated[
        str | None, typer.Option(metavar="URL", help="What people type to reach it. [web.public_url]")
    ] = None,
    behind_proxy: Annotated[
        bool | None,
        typer.Option(
            "--behind-proxy/--no-behind-proxy",
            help="A reverse proxy with TLS stands in front. [web.behind_proxy]",
            show_default=False,
        ),
    ] = None,
) -> int:
    """The same screens in a browser, with accounts; runs until Ctrl+C.

    The first start prints a code: whoever types it in the browser becomes the first administrator. Without options it
    can be reached from this machine only. Downloads go on when it stops.
    """
    from mediadl.service import open_services
    from mediadl.web import listening
    from mediadl.web.server import run

    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "public_url": public_url,
        "behind_proxy": behind_proxy,
    }
    with open_services() as services:
        settings = listening.with_options(services.settings.values().web, given)
        if services.daemon.is_needed():
            services.daemon.ensure()
        return run(services, settings, output.say)
