"""Tools for those who write a regime: a skeleton to begin with, every fault told, pages that explain the forms."""
