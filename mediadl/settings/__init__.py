"""One typed schema feeds files, fields, forms, options and docs."""
