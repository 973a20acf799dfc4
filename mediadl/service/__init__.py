"""The verbs every front end uses."""
