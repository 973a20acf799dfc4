"""What guards us from the outside: text, URLs, secrets."""
