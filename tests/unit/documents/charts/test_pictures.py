"""Pictures: the same data gives the same bytes, every printed text is in it, nothing depends on the machine's fonts."""

from __future__ import annotations

import re
from html import unescape

import pytest

from baocao.documents.charts.bars import Bar, bars
from baocao.documents.charts.picture import Picture
from baocao.documents.charts.unit_map import SIGNS, MapPoint, unit_map

ROWS = (
    Bar("Xã, phường không ma túy", 41.0, "41,0 % (từ 50 %): còn hạn", mark=50.0),
    Bar("Số người nghiện có hồ sơ quản lý", -12.5, "giảm 17 (12,5 %)"),
)
PLACES = (
    MapPoint("Hạc Thành", 19.8, 105.77, "Đúng hạn"),
    MapPoint("Mường Lát", 20.5, 104.6, "Chưa báo cáo"),
    MapPoint("Bỉm Sơn", 20.1, 105.9, "Đúng hạn"),
)


def texts(picture: Picture) -> list[str]:
    return [unescape(re.sub(r"<[^>]+>", "", t)) for t in re.findall(r"<text[^>]*>(.*?)</text>", picture.svg, re.DOTALL)]


def drawn() -> list[Picture]:
    return [bars(ROWS, "Tỷ lệ (%)", "lời"), unit_map(PLACES, ("Đúng hạn", "Chưa báo cáo"), "lời")]


@pytest.mark.parametrize("number", [0, 1])
def test_same_data_gives_the_same_bytes(number: int) -> None:
    one, other = drawn()[number], drawn()[number]
    assert one.png == other.png and one.png.startswith(b"\x89PNG")
    assert one.svg == other.svg


def test_every_bar_prints_its_name_and_figure() -> None:
    found = " ".join(texts(bars(ROWS, "Tỷ lệ (%)", "")))
    for row in ROWS:
        assert row.text in found
        assert all(word in found for word in row.name.split())


def test_bars_are_drawn_to_scale_and_by_sign() -> None:
    rows = (Bar("a", 10.0, "10"), Bar("b", 20.0, "20"), Bar("c", -10.0, "-10"))
    starts_and_widths = re.findall(
        r'role="graphics-symbol"[^>]*d="M(-?[\d.]+),[^h]*h(-?[\d.]+)v', bars(rows, "", "").svg
    )
    widths = [float(width) for _, width in starts_and_widths]
    assert len(widths) == 3
    assert widths[1] == pytest.approx(2 * widths[0]) and widths[2] == pytest.approx(widths[0])
    assert float(starts_and_widths[2][0]) < float(starts_and_widths[0][0])


def test_kinds_keep_their_sign_when_another_is_absent() -> None:
    two = unit_map(PLACES, ("Đúng hạn", "Sau thời hạn", "Chưa báo cáo"), "").svg
    three = unit_map(
        (*PLACES, MapPoint("Hà Trung", 20.0, 105.8, "Sau thời hạn")), ("Đúng hạn", "Sau thời hạn", "Chưa báo cáo"), ""
    ).svg
    cross = [re.findall(r'aria-label="[^"]*: Chưa báo cáo"[^>]*d="([^"]+)"', svg) for svg in (two, three)]
    assert cross[0] == cross[1] and len(cross[0]) == 1


def test_only_the_packaged_font_is_asked_for() -> None:
    for picture in drawn():
        assert set(re.findall(r'font-family="([^"]+)"', picture.svg)) == {"Roboto"}


def test_the_map_counts_kinds_and_draws_each_unit() -> None:
    picture = unit_map(PLACES, ("Đúng hạn", "Chưa báo cáo"), "")
    assert {"Đúng hạn: 2", "Chưa báo cáo: 1"} <= set(texts(picture))
    assert picture.svg.count('aria-roledescription="point"') == len(PLACES)


def test_north_is_up_and_east_is_right() -> None:
    picture = unit_map(PLACES, ("Đúng hạn", "Chưa báo cáo"), "")
    at = [
        (float(x), float(y))
        for x, y in re.findall(r'aria-roledescription="point" transform="translate\(([\d.]+),([\d.]+)\)"', picture.svg)
    ]
    hac_thanh, muong_lat, bim_son = at
    assert muong_lat[1] < bim_son[1] < hac_thanh[1]
    assert muong_lat[0] < hac_thanh[0] < bim_son[0]


def test_more_kinds_than_signs_are_refused() -> None:
    kinds = tuple(str(i) for i in range(len(SIGNS) + 1))
    with pytest.raises(ValueError, match="signs"):
        unit_map(PLACES, kinds, "")
