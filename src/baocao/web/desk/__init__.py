"""The desk: the standing office sees, explains and decides in one place.

It runs inside Airflow's web server (plugins/baocao_desk.py) and alone (`baocao desk`). It knows who asks from whoever
mounts it, and never imports Airflow.
"""
