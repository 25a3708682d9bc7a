"""What one would write first: openpyxl, a pandas frame a sheet, one Great Expectations run a sheet."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from typing import Any


def naive_seconds(workbooks: Sequence[bytes]) -> float:
    """Wall seconds a workbook: read every sheet, then validate it alone. Imports are not counted."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    import openpyxl
    import pandas as pd

    def validate(frame: Any, numeric: list[str]) -> None:
        # A context a sheet, as examples of the library do it: that is what the comparison is about.
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
        expectations: list[Any] = [gxe.ExpectTableRowCountToBeBetween(min_value=1)]
        for column in numeric:
            expectations.append(gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0))
            expectations.append(gxe.ExpectColumnValuesToNotBeNull(column=column))
        suite = context.suites.add(gx.ExpectationSuite(name="s", expectations=expectations))
        definition = gx.ValidationDefinition(name="v", data=batch, suite=suite)
        context.validation_definitions.add(definition).run(batch_parameters={"dataframe": frame})

    start = time.perf_counter()
    for data in workbooks:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        for sheet in book.worksheets:
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
            frame = pd.DataFrame(rows, columns=[f"c{i}" for i in range(sheet.max_column)])
            numbers = frame.map(lambda v: v if isinstance(v, int | float) and not isinstance(v, bool) else None)
            # Without empty rows and columns, which would make the naive way look slower than it need be.
            kept = numbers.dropna(how="all").dropna(axis=1, how="all").astype("float64")
            if not kept.empty:
                validate(kept, list(kept.columns))
    return (time.perf_counter() - start) / len(workbooks)
