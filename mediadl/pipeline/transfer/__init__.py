"""Moving one file: from the first request to the verified file under its final name. Runs in the transfer child."""
