"""The routes of the API, one file per noun, as everywhere else."""
