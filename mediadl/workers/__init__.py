"""Everything that owns a thread or a process."""
