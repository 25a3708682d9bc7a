"""Repairing drawn figures until every relation of the pack holds: as an official who checks his own workbook would."""

from __future__ import annotations

from decimal import Decimal

from baocao.model.form import CellKey, Column, Form, Relation, Row, Table, ValueType
from baocao.model.pack_parts.condition import Condition, Requirement
from baocao.model.submission import Value


class Consistent:
    """The answers of one workbook, and how they are made to agree."""

    forms: tuple[Form, ...]
    values: dict[CellKey, Value | str]

    def _draw(self, key: CellKey, table: Table, row: Row, column: Column) -> Value | str | None:
        """An answer for a cell; None: left blank."""
        raise NotImplementedError

    def _number(self, name: str) -> int | Decimal:
        value = self.values.get(CellKey.parse(name), 0)
        return value if isinstance(value, int | Decimal) else 0

    def _sum(self, names: tuple[str, ...]) -> int | Decimal:
        return sum((self._number(n) for n in names), start=0)

    def _answered(self, names: tuple[str, ...]) -> bool:
        return all(CellKey.parse(n) in self.values for n in names)

    def _entered(self, name: str) -> bool:
        key = CellKey.parse(name)
        for form in self.forms:
            if key in form.cells:
                table, row, column = form.cells[key]
                return table.is_entered(row, column)
        return False

    def _set(self, name: str, value: int | Decimal) -> None:
        if self._entered(name) and value >= 0:
            self.values[CellKey.parse(name)] = value

    def _derive(self) -> None:
        """Linear derived columns and rows, so that relations can look at them."""
        for form in self.forms:
            for key, (table, row, column) in form.cells.items():
                derive = column.derive or row.derive
                if derive is None or derive.linear is None:
                    continue

                def name(part: str, key: CellKey = key, by_column: bool = column.derive is not None) -> str:
                    if "/" in part:
                        return part
                    return str(key._replace(column=part) if by_column else key._replace(row=part))

                # A total row has text columns too.
                if column.derive is None and table.type_of(row, column).is_number is False:
                    continue
                plus = self._sum(tuple(name(p) for p in derive.linear.plus))
                minus = self._sum(tuple(name(p) for p in derive.linear.minus))
                self.values[key] = plus - minus

    def _repair(self, relation: Relation) -> None:
        """Change the drawn figures until the relation holds."""
        if relation.together is not None:
            self._both_or_neither(relation.together)
            return
        if relation.same_answer is not None:
            one, other = map(CellKey.parse, relation.same_answer)
            if one in self.values and other in self.values:
                self.values[other] = self.values[one]
            return
        if relation.requires is not None:
            self._require(relation.requires)
            return
        if relation.needs_note is not None:
            # Nothing that would need a note happened.
            for name in relation.needs_note:
                if self._answered((name,)):
                    self._set(name, 0)
            return
        self._repair_sums(relation)

    def _repair_sums(self, relation: Relation) -> None:
        """Where both sides were answered."""
        for side in (relation.equal, relation.at_most, relation.zero_implies_zero, relation.positive_implies_positive):
            if side is not None and not (self._answered(side[0]) and self._answered(side[1])):
                return
        if relation.equal is not None:
            left, right = relation.equal
            if self._sum(left) != self._sum(right):
                if len(left) == 1 and self._entered(left[0]):
                    self._set(left[0], self._sum(right))
                elif len(right) == 1:
                    self._set(right[0], self._sum(left))
        elif relation.at_most is not None:
            # V15 of the first regime: people per class. Cutting the classes to the people would leave hardly any
            # classes.
            self._cut_to_the_whole(*relation.at_most, people_came=relation.rule == "V15")
        elif relation.between is not None:
            value, lows, highs = relation.between
            low, high = max((self._number(n) for n in lows), default=0), self._sum(highs)
            if not low <= self._sum(value) <= high and len(value) == 1:
                self._set(value[0], low)
                # The numerator of a ratio whose denominator was just set.
                top = str(CellKey.parse(value[0])._replace(column="TH"))
                self._set(top, min(self._number(top), low))
        elif relation.zero_implies_zero is not None:
            left, right = relation.zero_implies_zero
            if self._sum(left) == 0 and self._sum(right) != 0:
                self._set_all(right, 0)
        elif relation.positive_implies_positive is not None:
            left, right = relation.positive_implies_positive
            if self._sum(left) > 0 and self._sum(right) == 0:
                if self._entered(right[0]):
                    self._set(right[0], self._least(right[0]) * int(self._sum(left)))
                else:
                    self._set_all(left, 0)

    def _set_all(self, names: tuple[str, ...], value: int) -> None:
        for name in names:
            self._set(name, value)

    def _cut_to_the_whole(self, part: tuple[str, ...], whole: tuple[str, ...], *, people_came: bool) -> None:
        """`people_came`: the parts are classes that were held, so the whole grows."""
        excess = self._sum(part) - self._sum(whole)
        if excess > 0 and people_came and len(whole) == 1 and self._entered(whole[0]):
            # About as many people as come to one class.
            self._set(whole[0], self._sum(part) * 25)
        elif excess > 0:
            for name in part:
                cut = min(self._number(name), excess)
                self._set(name, self._number(name) - cut)
                excess -= cut
            if excess > 0 and self._entered(whole[0]):
                self._set(whole[0], self._number(whole[0]) + excess)

    def _least(self, name: str) -> int:
        """The smallest figure that makes sense: money is counted in millions of đồng."""
        key = CellKey.parse(name)
        table, row, column = next(f.cells[key] for f in self.forms if key in f.cells)
        return 35_000_000 if table.type_of(row, column) is ValueType.MONEY else 1

    def _both_or_neither(self, names: tuple[str, str]) -> None:
        one, other = map(CellKey.parse, names)
        for given, blank in ((one, other), (other, one)):
            if given in self.values and blank not in self.values and self._entered(str(blank)):
                self.values[blank] = self.values[given]

    def _holds(self, condition: Condition) -> bool:
        """Whether the drawn figures meet the condition; one that cannot be judged counts as met."""
        if condition.one_of:
            return self.values.get(CellKey.parse(condition.cells[0])) in condition.one_of
        if condition.given is not None:
            said = [self.values.get(CellKey.parse(n), "NP") != "NP" for n in condition.cells]
            return all(said) if condition.given else not any(said)
        # Of a share of residents the demonstration knows no number of them.
        if not self._answered(condition.names) or condition.share_of_residents:
            return True
        amount = self._sum(condition.cells) - self._sum(condition.minus)
        return (
            (condition.at_least is None or amount >= condition.at_least)
            and (condition.at_most is None or amount <= condition.at_most)
            and (condition.above is None or amount > condition.above)
        )

    def _require(self, requirement: Requirement) -> None:
        """Change the answers that follow; where figures forbid the answer asked about, say no."""
        # "As many of them as …" is left as drawn: there is no one answer to change.
        if requirement.when_any or requirement.then_any or not all(map(self._holds, requirement.when)):
            return
        for condition in requirement.then:
            if self._holds(condition):
                continue
            for key in map(CellKey.parse, condition.cells):
                if condition.one_of:
                    self.values[key] = condition.one_of[0]
                elif condition.given is False:
                    self.values[key] = "NP"
                elif condition.given:
                    place = next(f.cells[key] for f in self.forms if key in f.cells)
                    drawn = self._draw(key, *place)
                    if drawn is not None:
                        self.values[key] = drawn
            if condition.is_bound:
                asked = requirement.when[0]
                self.values[CellKey.parse(asked.cells[0])] = "Không"
                return

    def _shares(self) -> None:
        """A numerator never exceeds its denominator: who was reached belongs to those to be reached."""
        for key, value in list(self.values.items()):
            # The denominator grows, not the numerator falls: the numerator is bound to other forms.
            if key.column != "MS" or not isinstance(value, int | Decimal):
                continue
            top = key._replace(column="TH")
            part = self.values.get(top, 0)
            if isinstance(part, int | Decimal) and part > value:
                self.values[key] = part

    def _within_the_money(self, relations: list[Relation]) -> None:
        """What the other forms say was spent is part of what the resources say; what there was no money for was not
        done."""
        for relation in relations:
            if relation.at_most is None or not any(n.startswith("PL03/") for n in relation.at_most[1]):
                continue
            for key in map(CellKey.parse, relation.at_most[0]):
                if key.form == "PL03" or not self._number(str(key)):
                    continue
                top = self._sum(relation.at_most[1])
                self.values[key] = min(self._number(str(key)), top)
                for column in ("LKN", "LKGD"):
                    if (total := key._replace(column=column)) in self.values:
                        self.values[total] = self.values[key]
                if not self.values[key]:
                    self._undo_work_without(key, relations)

    def _undo_work_without(self, money: CellKey, relations: list[Relation]) -> None:
        for relation in relations:
            pair = relation.positive_implies_positive
            if pair is not None and pair[1] == (str(money),):
                for name in pair[0]:
                    self._set(name, 0)
                    self._follow(name, relations)

    def _follow(self, name: str, relations: list[Relation]) -> None:
        """The same figure in other forms."""
        for left, right in (r.equal for r in relations if r.equal is not None):
            for one, other in ((left, right), (right, left)):
                if one == (name,) and len(other) == 1:
                    self._set(other[0], self._number(name))
