"""Runs: the main job and its steps, their records, `ccw watch` and `ccw status`."""
