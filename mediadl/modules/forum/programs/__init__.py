"""Forum programs: one file per program or family, each turning its pages into posts."""
