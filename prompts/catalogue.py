"""Fixed phrases of the telephone: meaningful id -> Bulgarian text, each one clip."""

PHRASES: dict[str, str] = {
    "greeting": "Добре дошли в електронното училище.",
    "goodbye": "Благодарим Ви. Дочуване.",
    "apology": "Извинете, в момента услугата не е достъпна. Моля, опитайте отново по-късно.",
    "enter_code": "Моля, въведете осемцифрения код на ученика.",
    "enter_pin": "Моля, въведете Вашия ПИН код.",
}
