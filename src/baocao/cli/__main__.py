"""`python -m baocao.cli`."""

from baocao.cli.commands import main

main()
