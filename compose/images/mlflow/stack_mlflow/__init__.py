"""Serves MLflow's own application in one process.

`mlflow server` imports everything, opens the stores, and then starts uvicorn in a second process that imports
everything again. Here it is imported once: half of the time at start, and half of the memory.
"""
