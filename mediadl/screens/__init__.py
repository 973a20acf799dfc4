"""What the user sees: one file per screen."""
