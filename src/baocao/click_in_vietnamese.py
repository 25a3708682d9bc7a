"""Click's own words in Vietnamese: usage, options, errors. Help texts are written in Vietnamese where the commands are.

Click looks its sentences up with `gettext`, by the names `_` and `ngettext` of each of its modules. A catalogue on disk
would need a locale in the environment of whoever calls; these names are replaced instead, once, when the commands are
built. What is not in the table stays as click says it (faults of ours in declaring a command, which no user meets).
"""

from __future__ import annotations

import click
from click import core, decorators, exceptions, formatting, parser, types

WORDS = {
    "Usage:": "Cách dùng:",
    "Options": "Tùy chọn",
    "Commands": "Lệnh",
    "Positional arguments": "Tham số",
    "Show this message and exit.": "In trợ giúp này rồi thoát.",
    "Show the version and exit.": "In số phiên bản rồi thoát.",
    "%(prog)s, version %(version)s": "%(prog)s, phiên bản %(version)s",
    "Do you want to continue?": "Tiếp tục?",
    "Confirm the action without prompting.": "Đồng ý trước, không hỏi.",
    "Aborted!": "Đã dừng.",
    "deprecated": "sắp bỏ",
    "required": "bắt buộc",
    "default: {default}": "mặc định: {default}",
    "env var: {var}": "biến môi trường: {var}",
    "(dynamic)": "(tùy lúc)",
    "Error: {message}": "Lỗi: {message}",
    "Try '{command} {option}' for help.": "Xem trợ giúp: {command} {option}",
    "Missing command.": "Thiếu lệnh.",
    "Missing argument": "Thiếu tham số",
    "Missing option": "Thiếu tùy chọn",
    "Missing parameter": "Thiếu tham số",
    "Missing parameter: {param_name}": "Thiếu tham số: {param_name}",
    "Missing {param_type}": "Thiếu {param_type}",
    "No such option {name!r}.": "Không có tùy chọn {name!r}.",
    "No such command {name!r}.": "Không có lệnh {name!r}.",
    "Did you mean {possibility}?": "Có phải {possibility}?",
    "(Did you mean one of: {possibilities}?)": "(Có phải một trong: {possibilities}?)",
    "Got unexpected extra argument ({args})": "Thừa tham số ({args})",
    "Got unexpected extra arguments ({args})": "Thừa tham số ({args})",
    "Takes {nargs} values but 1 was given.": "Cần {nargs} giá trị, chỉ có 1.",
    "Takes {nargs} values but {len} were given.": "Cần {nargs} giá trị, có {len}.",
    "{len_type} values are required, but {len_value} was given.": "Cần {len_type} giá trị, chỉ có {len_value}.",
    "{len_type} values are required, but {len_value} were given.": "Cần {len_type} giá trị, có {len_value}.",
    "Argument {name!r} takes {nargs} values.": "Tham số {name!r} cần {nargs} giá trị.",
    "Option {name!r} does not take a value.": "Tùy chọn {name!r} không kèm giá trị.",
    "Option {name!r} requires an argument.": "Tùy chọn {name!r} phải kèm giá trị.",
    "Option {name!r} requires {nargs} arguments.": "Tùy chọn {name!r} phải kèm {nargs} giá trị.",
    "Invalid value: {message}": "Giá trị không đúng: {message}",
    "Invalid value for {param_hint}: {message}": "Giá trị của {param_hint} không đúng: {message}",
    "Value must be an iterable.": "Phải là một danh sách.",
    "Could not open file {filename!r}: {message}": "Không mở được tệp {filename!r}: {message}",
    "unknown error": "lỗi không rõ",
    "Choose from:\n\t{choices}": "Chọn một trong:\n\t{choices}",
    "Choice({choices})": "Một trong {choices}",
    "{value!r} is not {choice}.": "{value!r} không phải {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} không phải một trong {choices}.",
    "{value!r} does not match the format {format}.": "{value!r} không đúng dạng {format}.",
    "{value!r} does not match the formats {formats}.": "{value!r} không đúng dạng nào trong {formats}.",
    "{value} is not in the range {range}.": "{value} không nằm trong khoảng {range}.",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} không phải có/không; nhận: {states}",
    "{value!r} is not a valid {number_type}.": "{value!r} không phải {number_type}.",
    "{value!r} is not a valid UUID.": "{value!r} không phải UUID.",
    "{name} {filename!r} does not exist.": "Không có {name} {filename!r}.",
    "{name} {filename!r} is a file.": "{name} {filename!r} là một tệp.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} là một thư mục.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} không đọc được.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} không ghi được.",
    "{name} {filename!r} is not executable.": "{name} {filename!r} không chạy được.",
    "file": "tệp",
    "directory": "thư mục",
    "path": "đường dẫn",
}

_PLACES = {
    "workbook": "TỆP",
    "report": "BÁO-CÁO",
    "out": "TỆP-GHI-RA",
    "unit": "ĐƠN-VỊ",
    "file": "TỆP",
    "file_id": "SỐ-TỆP",
    "target": "TỆP",
    "source": "TỆP",
    "cell": "Ô",
    "recipient": "NƠI-NHẬN",
    "what": "TỆP-HOẶC-PHIÊN-BẢN",
    "id": "SỐ",
    "number": "SỐ",
    "numbers": "SỐ",
    "body": "ĐƠN-VỊ-CHỦ-TRÌ",
    "code": "MÃ",
    "who": "MÃ",
    "email": "ĐỊA-CHỈ",
    "address": "ĐỊA-CHỈ",
    "pack": "GÓI",
    "row": "DÒNG",
}
"""Arguments by their name, as help shows them."""


def _say(message: str) -> str:
    return WORDS.get(message, message)


def _say_many(one: str, many: str, number: int) -> str:
    return _say(one if number == 1 else many)


def translate_click(command: click.Command) -> None:
    """Click's words for all commands, and what stands for a value in the help of this command and those below it."""
    # Every module that says something has bound these names for itself when it was imported.
    for module in (core, decorators, exceptions, formatting, parser, types):
        for name, ours in (("_", _say), ("ngettext", _say_many)):
            if hasattr(module, name):
                setattr(module, name, ours)
    types.INT.name = "số"
    types.STRING.name = "chữ"
    show_values(command)


def show_values(command: click.Command) -> None:
    """What stands for a value in the help of this command and those below it."""
    command.options_metavar = "[TÙY CHỌN]"
    for param in command.params:
        if isinstance(param.type, click.Path):
            param.type.name = {"File": "tệp", "Directory": "thư mục", "Path": "đường dẫn"}.get(
                param.type.name.title(), param.type.name
            )
        if isinstance(param, click.Argument):
            # A KeyError while commands are built: an argument whose name nobody has translated never reaches a user.
            shown = _PLACES[param.name or ""] + ("..." if param.nargs != 1 else "")
            param.metavar = shown if param.required else f"[{shown}]"
        elif isinstance(param.type, click.Path):
            param.metavar = "THƯ-MỤC" if not param.type.file_okay else "TỆP"
        elif isinstance(param.type, click.IntRange):
            param.metavar = "SỐ"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "LỆNH [THAM SỐ]..."
        for below in command.commands.values():
            show_values(below)
