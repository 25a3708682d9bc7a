"""The web services: the units' portal and the standing office's desk, on one base (`web.common`).

They decide nothing: every step is a verb of `baocao.workflow`.
"""
