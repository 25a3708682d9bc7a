"""Tools for those who write a regime: a skeleton to begin with, every fault told, forms drafted and compared, pages.

Pure: text and models in, text out.
"""
