"""Show models; know nothing of services or storage."""
