"""`mediadl serve`: the screens in a browser tab, the pages around them, stored files, and a place for the API."""
