"""Tools for those who write a regime: a pack to begin with, forms drafted and compared, rules tried, pages.

On top of everything in `baocao`; nothing there imports it.
"""
