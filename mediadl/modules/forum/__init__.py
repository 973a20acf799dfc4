"""Forum threads: pages become posts, posts give media."""
