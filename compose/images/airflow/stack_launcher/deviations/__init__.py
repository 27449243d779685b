"""Where the launcher departs from what Airflow's own commands do.

Each file is one departure: why, what it does, a switch, and a test that the result is the same.
"""
