"""Modal screens: questions, forms and details."""
