"""Starts Airflow's four components from one import, and looks after them.

Airflow's own commands import the same modules four times over. Here they are imported once, and each component
is forked from that process: a quarter of the work at start, and memory that is shared until it is written to.
"""
