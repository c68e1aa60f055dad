"""The measures: what each is called, how it is worked out, and its bar."""

# ruff: noqa: E501 -- a formula is one line of text in each language
from dancu.quality.model import Bar, Dimension, Kind, Measure

C, F, S, L = Dimension.CORRECT, Dimension.COMPLETE, Dimension.CLEAN, Dimension.LIVE

RESIDENCY = {"keeps": 0.8, "gains": 0.2, "cut": 0.7}
"""Residency index R' = keeps * R + gains * (any sign of life in the year); resident from `cut` on.

E. Maasing, E.-M. Tiit, M. Vähi, Residency index - a tool for measuring the population size, ACUTM 21 (2017). The form
is theirs; the three numbers are those that Statistics Estonia is reported to use, and are settings here until signs of
life from enough registers allow to estimate own ones.
"""

FIELDS = ("name", "born", "sex", "number", "residence")
"""What clerks check of a person against the document."""
LINK = "link"
"""What clerks check of a link."""

_SIGN_VI = "dấu hiệu sống = sự kiện hộ tịch, cư trú do chính người đó làm; lưu trú; bản ghi của nguồn độc lập"
_SIGN_EN = "a sign of life = an act in which the person took part; a stay; a record of an independent source"


def _latency(code: str, kind: int, vi: str, en: str, days: int) -> Measure:
    return Measure(
        f"latency_{code}", L, "Currentness", Kind.DAYS, f"Độ trễ: {vi}", f"Latency: {en}",
        "số ngày từ ngày xảy ra đến ngày vào sổ, 12 tháng qua: 95 % không quá; trung vị kèm theo",
        "days from the day of the event to the register, last 12 months: 95 % do not exceed; with the median",
        Bar(days, at_least=False), statement="latency", parameters={"kind": kind, "bar": days},
    )  # fmt: skip


MEASURES: tuple[Measure, ...] = (
    Measure(
        "field_accuracy", C, "Accuracy", Kind.ESTIMATE, "Trường thông tin đúng với giấy tờ", "Fields right by the document",
        "mẫu ngẫu nhiên phân tầng, cán bộ đối chiếu giấy tờ: (trường đúng) / (trường đối chiếu được), có trọng số tầng; Wilson với cỡ mẫu hiệu dụng",
        "stratified random sample, clerks check against documents: (right fields) / (checkable fields), weighted by stratum; Wilson at the effective size",
        Bar(0.995, surely=True), lists=False, personal=False,
    ),
    Measure(
        "source_agreement", C, "Credibility", Kind.SHARE, "Các nguồn thống nhất với sổ", "Sources agree with the register",
        "(trường nguồn khai giống sổ) / (trường nguồn khai mà sổ có: giống hoặc khác), từng người đã ghép, theo nguồn",
        "(fields told alike) / (fields told that the register has: alike or otherwise), of each linked person, by source",
    ),
    Measure(
        "link_precision", C, "Accuracy", Kind.ESTIMATE, "Ghép nối đúng (precision)", "Precision of links",
        "mẫu liên kết theo dải điểm, có trọng số: (liên kết đúng) / (liên kết)",
        "sample of links by band of the score, weighted: (right links) / (links)",
        Bar(0.999), lists=False, personal=False,
    ),
    Measure(
        "link_recall", C, "Completeness", Kind.ESTIMATE, "Ghép nối đủ (recall)", "Recall of links",
        "(liên kết đúng) / (liên kết đúng + bản ghi tạo người mới mà người ấy đã có), ước lượng từ mẫu",
        "(right links) / (right links + records that made a new person who was known already), estimated from samples",
        Bar(0.9975), lists=False, personal=False,
    ),
    Measure(
        "id_consistency", C, "Consistency", Kind.SHARE, "Số định danh khớp nơi, giới tính, năm sinh", "Number fits place, sex and year",
        "(6 chữ số đầu khớp nơi đăng ký khai sinh của mọi thời kỳ, giới tính, năm sinh; hoặc lệch có lý do: đã cải chính, thay đổi) / (người có số)",
        "(first 6 digits fit the place of registration in any era, sex and year of birth; or differ with a reason: corrected or changed since) / (persons with a number)",
        Bar(0.99),
    ),
    Measure(
        "field_completeness", F, "Completeness", Kind.SHARE, "Trường bắt buộc đã có", "Mandatory fields filled",
        "tổng trọng số trường có giá trị / tổng trọng số trường phải có; họ tên, ngày sinh đủ, giới tính, số, xã: 3; quốc tịch, dân tộc, quê quán, nơi khai sinh, hôn nhân (từ 15 tuổi): 1",
        "weights of filled fields / weights of applicable ones; name, whole birth date, sex, number, commune: 3; nationality, ethnicity, origin, registration, marital status (from 15): 1",
        Bar(0.98),
    ),
    Measure(
        "coverage", F, "Completeness", Kind.ESTIMATE, "Độ bao phủ dân số", "Coverage of the population",
        "n1 / N; N = (n1+1)(n2+1)/(m+1) - 1 với nguồn độc lập, m hiệu chỉnh m·P/R theo sai số ghép nối; từng tầng tỉnh × tuổi",
        "n1 / N; N = (n1+1)(n2+1)/(m+1) - 1 with an independent source, m corrected to m·P/R for link errors; by stratum of province and age",
        lists=False, personal=False,
    ),
    Measure(
        "births_registered", F, "Completeness", Kind.ESTIMATE, "Khai sinh so với dự kiến", "Births against expectation",
        "(người sinh trong năm trước có trong sổ) / (số sinh dự kiến theo bảng đã nạp); Poisson chính xác",
        "(persons in the register born in the last year) / (births expected by the imported table); exact Poisson",
        lists=False, personal=False,
    ),
    Measure(
        "deaths_registered", F, "Completeness", Kind.ESTIMATE, "Khai tử so với dự kiến", "Deaths against expectation",
        "(người mất trong năm trước có trong sổ) / (số mất dự kiến theo bảng đã nạp); Poisson chính xác",
        "(persons in the register who died in the last year) / (deaths expected by the imported table); exact Poisson",
        lists=False, personal=False,
    ),
    Measure(
        "duplicates_expected", S, "Consistency", Kind.CHANCES, "Trùng lặp dự kiến trên 10.000 người", "Duplicates expected per 10,000",
        "tổng xác suất hậu nghiệm của các nhóm nghi trùng chưa giải quyết / người sống × 10.000",
        "sum of posterior chances over open groups that may be one person / living persons × 10,000",
        Bar(1.0, at_least=False), per=10_000,
    ),
    Measure(
        "register_rules", S, "Consistency", Kind.RATE, "Vi phạm quy tắc trên 1.000 người", "Violations per 1,000 persons",
        "vi phạm (mất trước khi sinh, sinh ở tương lai, cha mẹ sai giới tính hoặc chưa hơn 12 tuổi, kết hôn dưới 15, ngày không có thật) / người × 1.000",
        "violations (death before birth, birth in the future, parents of the wrong sex or less than 12 years older, married below 15, impossible dates) / persons × 1,000",
        per=1_000,
    ),
    Measure(
        "source_violations", S, "Consistency", Kind.RATE, "Vi phạm của nguồn trên 1.000 bản ghi", "Findings per 1,000 records of sources",
        "vi phạm quy tắc nạp / bản ghi nhận được × 1.000, theo nguồn",
        "rules of intake that were broken / records received × 1,000, by source",
        per=1_000, lists=False, personal=False, national=True,
    ),
    Measure(
        "reciprocity", S, "Consistency", Kind.SHARE, "Quan hệ hai chiều", "Links that answer each other",
        "(liên kết vợ chồng có chiều ngược, cha mẹ còn hồ sơ và đúng giới tính, hộ có đúng một chủ hộ) / (liên kết)",
        "(spouses who name each other, parents who stand and have the sex of a parent, households with just one head) / (links)",
        Bar(0.999),
    ),
    Measure(
        "canonical_form", S, "Consistency", Kind.SHARE, "Dạng chuẩn", "Canonical form",
        "(phép kiểm đạt) / (8 phép kiểm mỗi người): NFC, khoảng trắng, chữ hoa; giới tính, hôn nhân, dân tộc, quốc tịch, xã thuộc danh mục",
        "(checks passed) / (8 checks a person): NFC, spaces, capitals; sex, marital status, ethnicity, nationality and commune in their lists",
        Bar(0.999),
    ),
    Measure(
        "backlog", S, "Currentness", Kind.DAYS, "Việc nghi vấn còn đọng (ngày)", "Backlog of doubtful cases (days)",
        "tuổi của hồ sơ nghi vấn chưa giải quyết: 95 % không quá; trung vị kèm theo",
        "age of open doubtful cases: 95 % do not exceed; with the median",
        Bar(5, at_least=False), personal=False,
    ),
    _latency("birth", 2, "khai sinh", "birth", 60),
    _latency("death", 5, "khai tử", "death", 7),
    _latency("marriage", 6, "kết hôn", "marriage", 5),
    _latency("residence", 8, "thường trú", "permanent residence", 10),
    Measure(
        "source_freshness", L, "Currentness", Kind.SHARE, "Nguồn gửi đúng hạn", "Sources on time",
        "(nguồn có lần nạp thành công gần nhất trong hạn thoả thuận) / (nguồn)",
        "(sources whose last successful file is within the agreed lag) / (sources)",
        Bar(1.0), lists=False, personal=False, national=True,
    ),
    Measure(
        "source_age", L, "Currentness", Kind.DAYS, "Tuổi của nguồn (ngày)", "Age of sources (days)",
        "số ngày từ lần nạp thành công gần nhất của từng nguồn: 95 % không quá",
        "days since the last successful file of each source: 95 % do not exceed",
        lists=False, personal=False, national=True,
    ),
    Measure(
        "records_applied", L, "Currentness", Kind.SHARE, "Bản ghi đã vào sổ", "Records taken over",
        "(bản ghi của lô đã nạp) / (bản ghi nhận được), theo nguồn",
        "(records of batches that are applied) / (records received), by source",
        lists=False, personal=False, national=True,
    ),
    Measure(
        "signs_of_life", L, "Currentness", Kind.SHARE, "Có dấu hiệu sống trong 12 tháng", "Sign of life within 12 months",
        f"(người sống có ≥ 1 dấu hiệu trong 365 ngày) / (người sống); {_SIGN_VI}",
        f"(living persons with >= 1 sign in 365 days) / (living persons); {_SIGN_EN}",
        parameters={"days": 365},
    ),
    Measure(
        "signs_of_life_24", L, "Currentness", Kind.SHARE, "Có dấu hiệu sống trong 24 tháng", "Sign of life within 24 months",
        f"(người sống có ≥ 1 dấu hiệu trong 730 ngày) / (người sống); {_SIGN_VI}",
        f"(living persons with >= 1 sign in 730 days) / (living persons); {_SIGN_EN}",
        statement="signs_of_life", parameters={"days": 730},
    ),
    Measure(
        "over_coverage", L, "Currentness", Kind.CHANCES, "Bao phủ thừa", "Over-coverage",
        f"1 - trung bình chỉ số cư trú; R' = {RESIDENCY['keeps']}·R + {RESIDENCY['gains']}·(có dấu hiệu trong năm); danh sách: R < {RESIDENCY['cut']}",
        f"1 - mean residency index; R' = {RESIDENCY['keeps']}·R + {RESIDENCY['gains']}·(a sign in the year); list: R < {RESIDENCY['cut']}",
        parameters=RESIDENCY,
    ),
    Measure(
        "very_old", L, "Currentness", Kind.SHARE, "Trên 100 tuổi có dấu hiệu sống", "Over 100 with a sign of life",
        "(người sống trên 100 tuổi có dấu hiệu trong 24 tháng) / (người sống trên 100 tuổi)",
        "(living persons over 100 with a sign in 24 months) / (living persons over 100)",
    ),
    Measure(
        "deaths_not_applied", L, "Currentness", Kind.RATE, "Tin báo tử chưa xử lý trên 10.000 người", "Deaths told but not applied, per 10,000",
        "bản ghi có ngày mất đang chờ cán bộ / người sống × 10.000",
        "records that tell of deaths and wait for a clerk / living persons × 10,000",
        Bar(1.0, at_least=False), per=10_000,
    ),
)  # fmt: skip

BY_CODE = {one.code: one for one in MEASURES}
