"""The office that reports, as its papers name it."""

from __future__ import annotations

from baocao.model.regime import Authority


def an_authority(**changes: str) -> Authority:
    names = {
        "province": "Thử Nghiệm",
        "parent": "",
        "issuer": "ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM",
        "symbol": "BC-UBND",
        "place": "Thử Nghiệm",
        "standing_office": "Cơ quan thường trực Chương trình",
        "standing_unit": "Phòng Tổng hợp",
        "archive_line": "Lưu: VT.",
        "lead_email": "thuong-truc@tinh.example",
        "leadership_email": "lanh-dao@tinh.example",
        "standing_email": "tong-hop@tinh.example",
        "contact": "Bộ phận tiếp nhận báo cáo",
    }
    return Authority(signer_block=("TM. ỦY BAN NHÂN DÂN",), **(names | changes))
