"""Two hundred texts that are hard to take apart: accents, long words, other scripts, many lengths."""

PHRASES = [
    "A great little thing, works like new!",
    "Terrible. Broke after two days; I want my money back...",
    "Très déçu : l'écran est cassé, le câble aussi.",
    "Größe paßt nicht, Rückgabe überaus mühsam",
    "¡Qué maravilla! Mañana pido otro más, señor",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2,
    "x" * 140,
    "この製品はとても良いです。また買います",
    "质量很差,不推荐购买!",
    "제품이 정말 좋아요 감사합니다",
    "Очень хороший товар, рекомендую всем",
    "Πολύ καλό προϊόν, ευχαριστώ",
    "منتج ممتاز جدا وشكرا لكم",
    "מוצר מצוין, תודה רבה",
    "यह उत्पाद बहुत अच्छा है",
    "สินค้าดีมาก ส่งเร็ว",
    "5/5 👍🏽 would buy again 😍😍",
    "e\u0301ta\u0308t  zero\u200bwidth\u00adsoft\u00a0space\ttab\r\nline",
    "[CLS] what is this [SEP] token [UNK] doing here",
    "İstanbul'da ŞİŞLİ ve ΣΊΣΥΦΟΣ ﬁn ½ Ⅳ",
    "don't can't won't -- 3.14 $9.99 a@b.co #1 C++/C# (really?!)",
    "ok",
]


def texts() -> list[str]:
    made = list(PHRASES)
    for k in range(200 - len(PHRASES)):
        parts = 1 + k * k % 7
        made.append(" ".join(PHRASES[(k * 7 + part * 5) % len(PHRASES)] for part in range(parts)))
    return made
