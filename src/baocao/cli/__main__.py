"""`python -m baocao.cli`."""

from baocao.cli import main

main()
