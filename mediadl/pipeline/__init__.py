"""What happens to one job, with no threads of its own."""
