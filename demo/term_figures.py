"""Plausible figures of a mid-term or end-term workbook: what was reported so far, and more at the same pace."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from baocao.model.form import CellKey, Column, ColumnRole, Nature, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.relation import Relation
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.term_totals import TermAggregation, UnitTerm
from baocao.model.unit import Unit
from demo.figures import Figures, Filled

_FLOWS = {ColumnRole.ACTUAL, ColumnRole.DENOMINATOR}


class TermFigures(Figures):
    """`previous` holds the figures of the last accepted period, `term` what all accepted ones add up to.

    The same pace for every cell keeps every sum and every comparison of the accepted reports true.
    """

    def __init__(
        self, pack: Pack, unit: Unit, period: Period, term: UnitTerm, previous: Mapping[CellKey, Value], seed: int
    ) -> None:
        super().__init__(pack, unit, period, previous, seed)
        self.term = term

    def fill(self) -> Filled:
        """As ever, then the plans of the term and the estimates."""
        filled = super().fill()
        self._plans()
        entered = {k for f in self.forms for k, (t, r, c) in f.cells.items() if t.is_entered(r, c)}
        return Filled({k: v for k, v in self.values.items() if k in entered}, filled.nil_forms, filled.info)

    def _so_far(self, key: CellKey) -> int | Decimal | None:
        found = self.term.cells.get(key)
        value = (
            None if found is None or found.way not in {TermAggregation.SUM, TermAggregation.EARLIEST} else found.value
        )
        return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

    def _more(self, value: int | Decimal) -> int | Decimal:
        behind = self.term.behind
        if isinstance(value, Decimal):
            return Decimal(int(value * 10 * behind.days_left // behind.days_covered)) / 10
        # Whole numbers throughout: a float would make counts that are none.
        return value * behind.days_left // behind.days_covered

    def _draw(self, key: CellKey, table: Table, row: Row, column: Column) -> Value | str | None:
        so_far = self._so_far(key)
        if column.role in _FLOWS and row.nature is Nature.FLOW and so_far is not None:
            # Where a year's report never came, the last cumulative figure still knows of it.
            known = self.previous.get(key._replace(column="LKGD"), 0) if column.role is ColumnRole.ACTUAL else 0
            reached = max(so_far, known) if isinstance(known, int | Decimal) else so_far
            return reached + self._more(so_far)
        return super()._draw(key, table, row, column)

    def _movement(self) -> None:
        super()._movement()
        for form in self.forms:
            for table in form.tables:
                opening = next((c for c in table.columns if c.role is ColumnRole.OPENING), None)
                for row in table.rows if opening is not None else ():
                    assert opening is not None
                    self._move(CellKey(form.code, row.code, opening.code), table)

    def _move(self, opening: CellKey, table: Table) -> None:
        first = self._so_far(opening)
        if first is None or opening not in self.values:
            return
        ups, downs = (
            [opening._replace(column=c.code) for c in table.columns if c.role is role]
            for role in (ColumnRole.INCREASE, ColumnRole.DECREASE)
        )
        self.values[opening] = first
        left = first
        for key in ups:
            so_far = self._so_far(key) or 0
            self.values[key] = so_far + self._more(so_far)
            left += self.values[key]  # type: ignore[operator]
        so_far_down = {key: self._so_far(key) or 0 for key in downs}
        left -= sum(so_far_down.values())
        for key, so_far in so_far_down.items():
            # Nobody leaves a group who was not in it.
            more = min(self._more(so_far), left)
            self.values[key] = so_far + more
            left -= more

    def _cumulate(self) -> None:
        """The term's figure is its own accumulation; the year's is what the year had, and what is new."""
        for key, value in list(self.values.items()):
            if key.column != "TH" or not isinstance(value, int | Decimal) or isinstance(value, bool):
                continue
            year, term = key._replace(column="LKN"), key._replace(column="LKGD")
            if term in self.values:
                self.values[term] = value
            if year in self.values:
                was = self.previous.get(year, 0)
                new = value - (self._so_far(key) or 0)
                self.values[year] = min(value, was + new) if isinstance(was, int | Decimal) else value

    def _money(self) -> None:
        """Every source that ever paid goes on paying."""
        form = self._money_form()
        if form is None:
            return
        entered = {k for k, (t, r, c) in form.cells.items() if t.is_entered(r, c)}
        for key in sorted(k for k in entered if k.column == "GN"):
            so_far = self._so_far(key)
            if not isinstance(so_far, int) or not so_far:
                continue
            was = {c: self.previous.get(key._replace(column=c), 0) for c in ("KH", "PB", "LKN")}
            known = {c: v if isinstance(v, int) else 0 for c, v in was.items()}
            spent = int(self._more(so_far))
            told = self.previous.get(key._replace(column="LKGD"), 0)
            so_far = max(so_far, told) if isinstance(told, int) else so_far
            year = known["LKN"] + spent
            # Disbursed at most what is allocated, allocated at most what is planned (V38).
            allocated = max(known["PB"], year)
            plan = max(known["KH"], allocated)
            line = {"KH": plan, "PB": allocated, "GN": so_far + spent, "LKN": year, "LKGD": so_far + spent, "QT": 0}
            self.values.update({key._replace(column=c): v for c, v in {**line, "NO": 0}.items()})

    def _within_the_money(self, relations: list[Relation]) -> None:
        """Where a year's report never came, work is known of whose money is not: it was paid all the same, for a
        cumulative figure never falls."""
        for relation in relations:
            if relation.at_most is None or not any(n.startswith("PL03/") for n in relation.at_most[1]):
                continue
            for key in map(CellKey.parse, relation.at_most[0]):
                told = self.previous.get(key._replace(column="LKGD"), 0)
                if key.form == "PL03" or not isinstance(told, int) or told <= self._number(str(key)):
                    continue
                self.values[key] = told
                lacking = told - self._sum(relation.at_most[1])
                if lacking > 0:
                    self._pay(CellKey.parse(relation.at_most[1][0]), int(lacking))
        super()._within_the_money(relations)

    def _pay(self, total: CellKey, amount: int) -> None:
        """Add to the first source that pays for this line."""
        form = next(f for f in self.forms if f.code == total.form)
        sources = sorted(
            k
            for k, (table, row, column) in form.cells.items()
            if k.row.startswith(f"{total.row}.") and k.column == total.column and table.is_entered(row, column)
        )
        source = next((k for k in sources if k in self.values), sources[0])
        for column in ("KH", "PB", "GN", "LKN", "LKGD"):
            key = source._replace(column=column)
            self.values[key] = int(self._number(str(key))) + amount
        for column in ("QT", "NO"):
            self.values.setdefault(source._replace(column=column), 0)
        self._derive()

    def _plans(self) -> None:
        """Plans of the term somewhat above what was reached; estimates between the two."""
        for form in self.forms:
            for key, (table, row, column) in form.cells.items():
                if not row.measures or not table.is_entered(row, column):
                    continue
                of = row.measures.split("/")
                if column.role is ColumnRole.ESTIMATE_TOTAL:
                    self.values[key] = self._number(f"{row.measures}/MS")
                elif table.type_of(row, column) is ValueType.BOOL:
                    self.values[key] = self.values.get(CellKey(of[0], of[1], "TH"), "Không")
                elif column.role in {ColumnRole.ESTIMATE, ColumnRole.PLAN_TERM}:
                    self._plan(key, of, column.role, row)

    def _plan(self, key: CellKey, of: list[str], role: ColumnRole, row: Row) -> None:
        money = row.type is ValueType.MONEY
        reached = self._paid(of[1]) if money else int(self._number(f"{of[0]}/{of[1]}/TH"))
        if money and not reached:
            self.values.pop(key, None)
            return
        grows = row.nature is Nature.FLOW
        years = (self.term.behind.days_covered + self.term.behind.days_left) / 365
        if role is ColumnRole.ESTIMATE:
            # 5.04: the term in years, from 15/12/2025 to 31/12/2030.
            rest = max(0.0, 5.04 - years) / years
            self.values[key] = reached + (int(reached * rest) if grows else 0)
        else:
            whole = reached * 5 / years * (1.0 + 0.2 * self.rng.random())
            self.values[key] = round(whole / 1_000_000) * 1_000_000 if money else max(1, round(whole))

    def _paid(self, project: str) -> int:
        return sum(
            int(str(v))
            for k, v in self.values.items()
            if k.form == "PL03" and k.column == "GN" and k.row.rpartition(".")[0] == project
        )
