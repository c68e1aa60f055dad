"""Words that names are made of, by people, sex and generation.

Shares of surnames: public counts of surnames (Nguyễn about 38 %). The lists of middle and given names and
the patterns of peoples other than the Kinh are general knowledge. Earlier words of a list are commoner.
"""

SURNAMES: dict[str, dict[str, int]] = {
    "north": {
        "Nguyễn": 385, "Trần": 110, "Lê": 85, "Phạm": 78, "Hoàng": 48, "Vũ": 36, "Phan": 26, "Đặng": 23, "Bùi": 24,
        "Đỗ": 24, "Hồ": 5, "Ngô": 16, "Dương": 11, "Lý": 3, "Đinh": 11, "Đoàn": 8, "Trịnh": 9, "Mai": 7, "Trương": 8,
        "Đào": 9, "Cao": 6, "Hà": 6, "Lương": 7, "Tạ": 5, "Thái": 2, "Phùng": 6, "Tô": 3, "Vương": 3, "Chu": 4,
        "Lưu": 4, "Tống": 2, "Kiều": 2, "Quách": 1, "Khuất": 1, "Nghiêm": 1, "Khổng": 1, "Lại": 2, "Từ": 1, "Tăng": 1,
        "La": 1, "Mạc": 1, "Ninh": 1, "Doãn": 1, "Viên": 1, "Hứa": 1,
    },
    "south": {
        "Nguyễn": 345, "Trần": 118, "Lê": 105, "Phạm": 58, "Huỳnh": 55, "Võ": 45, "Phan": 42, "Đặng": 20, "Bùi": 15,
        "Đỗ": 11, "Hồ": 21, "Ngô": 14, "Dương": 13, "Lý": 8, "Đinh": 6, "Đoàn": 8, "Trịnh": 4, "Mai": 7, "Trương": 20,
        "Lâm": 10, "Cao": 7, "Hà": 5, "Lương": 6, "Tạ": 3, "Thái": 6, "Châu": 6, "Phùng": 3, "Tô": 4, "Vương": 2,
        "Lưu": 4, "Tăng": 2, "Quách": 2, "Kiều": 1, "Từ": 2, "Văn": 1, "Ông": 1, "Thân": 1, "Tôn": 1, "La": 2,
        "Mạc": 1, "Trang": 1, "Giang": 1, "Nghị": 1, "Bành": 1, "Tiêu": 1, "Đàm": 1,
    },
    "tay": {"Hoàng": 25, "Nông": 20, "Lương": 10, "Triệu": 10, "Ma": 8, "Hà": 8, "Bế": 5, "Vi": 5, "Lý": 9, "Chu": 4},
    "nung": {"Nông": 20, "Hoàng": 18, "Vi": 12, "Lương": 10, "Lý": 10, "Lăng": 5, "Hứa": 8, "Triệu": 10, "Lộc": 4},
    "thai": {"Lò": 35, "Cà": 12, "Quàng": 12, "Lường": 14, "Cầm": 6, "Tòng": 9, "Hà": 6, "Vi": 6, "Lô": 6, "Lèo": 3},
    "muong": {"Bùi": 45, "Quách": 14, "Đinh": 20, "Bạch": 8, "Hà": 13, "Phạm": 10, "Trương": 8},
    "hmong": {"Giàng": 25, "Vàng": 22, "Thào": 15, "Sùng": 14, "Lý": 14, "Hờ": 5, "Mùa": 8, "Vừ": 8, "Cứ": 4,
             "Lầu": 6},
    "dao": {"Triệu": 28, "Bàn": 20, "Đặng": 18, "Phàn": 10, "Chảo": 8, "Lý": 12, "Tẩn": 8, "Phùng": 4},
    "khome": {"Thạch": 28, "Sơn": 16, "Kim": 15, "Danh": 20, "Châu": 8, "Lâm": 8, "Trần": 6, "Lý": 6, "Tăng": 3},
    "hoa": {"Trần": 16, "Lý": 12, "Quách": 8, "Lâm": 14, "Huỳnh": 10, "Lưu": 8, "Tăng": 6, "Trương": 8, "Vương": 6,
            "Lương": 8, "Mã": 3, "Diệp": 4, "Phùng": 5, "Ngô": 6, "Hứa": 4},
    "cham": {"Đàng": 18, "Báo": 10, "Thành": 12, "Quảng": 10, "Đạo": 8, "Hán": 8, "Trượng": 8, "Phú": 6, "Bá": 6,
             "Châu": 5, "Thuận": 4, "Lưu": 4, "Ngụy": 3},
    "raglai": {"Cao": 25, "Mấu": 20, "Pi Năng": 10, "Chamaléa": 15, "Ka Tơr": 8, "Tro": 6, "Bo": 6},
    "coho": {"K'": 100},
    "bana": {"Đinh": 100},
    "hre": {"Đinh": 55, "Phạm": 45},
    "bruvankieu": {"Hồ": 100},
    "cotu": {"Alăng": 25, "Zơrâm": 15, "Bhling": 12, "A Rất": 12, "Bling": 10, "Pơloong": 10, "Hôih": 8, "Coor": 8},
    "giarai": {"Siu": 20, "Ksor": 20, "Rơ Châm": 16, "Kpă": 14, "Rahlan": 10, "Nay": 12, "Rcom": 10, "Rmah": 10},
    "ede": {"Niê": 30, "Mlô": 18, "Ayun": 12, "Kbuôr": 10, "Êban": 12, "Niê Kđăm": 8, "Byă": 8, "Ktla": 5, "Hwing": 5},
    "mnong": {"Triêk": 14, "Bkrông": 12, "Ông": 10, "Du": 8, "Liêng Hot": 8, "Rơ Ông": 8, "Bing": 6},
    "xtieng": {"Điểu": 60, "Thị": 40},
}  # fmt: skip
"""Surnames with weights; `north` and `south` are the Kinh."""

MIDDLES: dict[str, dict[str, int]] = {
    "old1": {"Văn": 600, "Hữu": 70, "Đình": 70, "Xuân": 45, "Ngọc": 40, "": 60, "Đức": 30, "Quang": 20, "Công": 25,
             "Bá": 20, "Thế": 15, "Duy": 10, "Trọng": 12, "Minh": 15, "Tấn": 15, "Thanh": 20},
    "old2": {"Thị": 860, "": 50, "Ngọc": 25, "Thị Kim": 15, "Thị Ngọc": 20, "Thị Thanh": 15, "Kim": 12, "Thị Hồng": 10,
             "Thị Minh": 8, "Thị Bích": 6},
    "mid1": {"Văn": 330, "Hữu": 45, "Đình": 45, "Xuân": 40, "Ngọc": 45, "Đức": 50, "Quang": 40, "Công": 30, "Thế": 25,
             "Duy": 30, "Trọng": 22, "Minh": 55, "Tấn": 25, "Thanh": 55, "Quốc": 40, "Anh": 25, "Hoàng": 30,
             "Tuấn": 20,
             "Mạnh": 22, "Chí": 20, "Viết": 15, "Trung": 18, "Thành": 18, "": 12},
    "mid2": {"Thị": 520, "Thị Thu": 45, "Thị Thanh": 45, "Thị Ngọc": 45, "Thị Kim": 35, "Thị Hồng": 35, "Thị Bích": 22,
             "Thị Minh": 22, "Thị Phương": 22, "Thị Mỹ": 20, "Thị Thúy": 22, "Ngọc": 30, "Thu": 20, "Kim": 20,
             "Thanh": 20, "Minh": 12, "Bích": 10, "Mỹ": 10, "Hồng": 12, "Thị Diệu": 6, "Thị Cẩm": 8, "": 8},
    "new1": {"Văn": 100, "Minh": 95, "Đức": 70, "Quang": 50, "Hoàng": 65, "Gia": 70, "Tuấn": 45, "Quốc": 45, "Anh": 45,
             "Duy": 45, "Thanh": 30, "Hữu": 25, "Đăng": 25, "Bảo": 35, "Thành": 25, "Nhật": 30, "Trung": 18,
             "Hải": 15, "Xuân": 12, "Ngọc": 22, "Tiến": 22, "Đình": 20, "Trọng": 12, "Công": 15, "Khánh": 12,
             "Nguyên": 8, "Phúc": 12, "Thiên": 14, "Tấn": 14, "Hoàng Gia": 8, "Nguyễn Minh": 4, "Trần Gia": 4,
             "Hoàng Minh": 8, "Ngọc Minh": 6, "Đức Minh": 4, "Phạm Gia": 2, "": 3},
    "new2": {"Thị": 120, "Ngọc": 90, "Thu": 35, "Minh": 45, "Phương": 45, "Khánh": 40, "Thanh": 45, "Bảo": 50,
             "Kim": 30, "Thùy": 40, "Quỳnh": 35, "Hà": 20, "Mai": 18, "Hoàng": 18, "Anh": 15, "Thảo": 18, "Gia": 25,
             "Diệu": 12, "Tú": 12, "Mỹ": 22, "Yến": 22, "Như": 18, "Hải": 10, "Linh": 10, "Cẩm": 8, "Thị Ngọc": 18,
             "Thị Thu": 14, "Thị Thanh": 12, "Thị Kim": 8, "Thị Thùy": 8, "Thị Phương": 8, "Ngọc Bảo": 14,
             "Nguyễn Khánh": 4, "Hoàng Bảo": 8, "Ngọc Phương": 6, "Huỳnh": 3, "Trần Bảo": 3, "Phạm Khánh": 2, "": 2},
    "hmong1": {"A": 60, "Seo": 14, "Văn": 8, "Mí": 10, "": 8},
    "hmong2": {"Thị": 62, "Y": 10, "Seo": 6, "": 22},
    "dao1": {"Văn": 25, "Tài": 14, "Phụ": 10, "Tòn": 12, "Chòi": 8, "Láo": 14, "Kim": 6, "Tiến": 11},
    "dao2": {"Thị": 55, "Mùi": 22, "Tả": 8, "Lở": 8, "": 7},
    "khome1": {"": 34, "Văn": 18, "Sa": 14, "Minh": 8, "Hoàng": 8, "Sô": 8, "Ngọc": 6, "Thanh": 4},
    "khome2": {"Thị": 58, "Thị Ngọc": 8, "Thị Sà": 6, "": 18, "Ngọc": 6, "Thị Kim": 4},
    "none": {"": 1},
}  # fmt: skip

GIVENS: dict[str, str] = {
    "old1": "Hùng Dũng Sơn Thành Bình Minh Hải Hòa Long Cường Thắng Tâm Phúc Đức Quang Toàn Lộc Chiến Lâm Tư "
    "Năm Ba Hai "
    "Khánh Thịnh Đông Nam Trung Hưng Phong Bảy Tài Vinh Kiên Quý Lợi Hiếu Nghĩa Nhân Hồng Xuân Hà Thanh An Dần Tý Sửu "
    "Mão Thìn Ngọ Thân Hợi Út Sáu Tám Chín Mười Khoa Cảnh Bảo Liêm Chính Thuận Hiền Châu Bé Thọ Phước Đường "
    "Dương Mạnh "
    "Bổn Nhạc Chương Kính Ngãi Luận Soạn Trọng Tấn Viễn Mùi Quyền Thức Vĩnh Xướng Điền Ngân Giáp Ất Bính Đinh Kỷ Canh",
    "old2": "Lan Hoa Hồng Nga Hương Thủy Mai Liên Hạnh Thanh Phượng Hà Tuyết Xuân Dung Loan Yến Oanh Bình Thu "
    "Hiền Tâm "
    "Nhung Sáu Bé Cúc Đào Huệ Lý Nguyệt Minh Vân Thảo Thơm Gái Hai Ba Tư Năm Bảy Tám Chín Mười Út Phấn Hòa Lành Nhàn "
    "Lợi Ngọ Tý Mùi Dậu Thìn Tẹo Chắt Hiên Ngoan Chanh Quýt Mận Bưởi Na Nụ Nhị Tơ Lụa Là Khuyên Kiều Lài Sen "
    "Thắm Thoa "
    "Tươi Duyên Nhạn Én Vàng Bạc Ngọc Châu Mỹ Sương Kim Chi Diệu Tiến Hải Thúy Hằng Luyến Mến Nết Na Thân Xoan Xuyến",
    "mid1": "Hùng Dũng Tuấn Cường Sơn Hải Thành Long Minh Thắng Hà Bình Đức Nam Trung Quang Hưng Phong Tú Kiên "
    "Hiếu Toàn "
    "Tùng Lâm Phúc Vinh Khánh Đạt Tâm Việt Thịnh Nghĩa Tài Tân Thái Hòa Linh Anh Lộc Quân Hoàng Duy Phương "
    "Thanh Giang "
    "Đông Huy Vũ Chung Thuận Hậu Quý Mạnh Công Chiến Quyết Ngọc Đoàn Tiến Bắc Khoa Kỳ Trường Tiệp Trí Trọng Nhân Nhật "
    "Lực Luân Sáng Hiển Cảnh Chính Dương Điệp Định Đô Giáp Hảo Khôi Lợi Lương Lưu Nguyên Phi Phú Phước Quyền Sỹ Thạch "
    "Thăng Thiện Thông Thụ Thức Tính Toản Triều Tuyên Văn Viên Vương Xuân Ý Bảo Bằng Biên Can Chương Danh Du",
    "mid2": "Hương Hà Lan Hằng Thủy Hoa Nga Hạnh Huyền Thảo Thu Mai Hồng Trang Vân Liên Yến Nhung Dung Hiền "
    "Phương Anh "
    "Tuyết Loan Phượng Linh Oanh Nguyệt Tâm Ngọc Xuân Hòa Thúy Bình Thơm Lý Huệ Giang Thanh Chi Trinh Quyên Diễm Kiều "
    "Hậu Ngân Nhàn Tuyến Hường Lệ Trâm Vui Duyên Thương Chinh Minh Hiếu My Nhi Ly Hải Khánh Châu Đào Cúc Luyến "
    "Nhạn Dịu "
    "Mến Thắm Thoa Tươi Uyên Vy Xuyến Ái Bích Chung Diệp Điệp Đông Gấm Hảo Hiên Hợi Khuyên Lài Lành Lựu Mận Mơ Na Ngà "
    "Nhã Phấn Quế Sen Sương Thi Thoan Thuận Thư Tình Trúc Tú Út Việt Vinh Ý",
    "new1": "Anh Huy Minh Khang Bảo Phúc Khôi Đạt Nam Long Khoa Kiệt Quân Duy Hoàng Phong Dũng Nguyên Hiếu "
    "Thịnh Hưng Đức "
    "Tuấn Hải Sơn Lâm Trí Nhân Tùng Việt Vũ Tú Đăng Thiên Quang Thành Trung Nghĩa Khánh Hùng Cường Tài Phát An "
    "Vinh Tiến "
    "Bình Trường Tân Lộc Kiên Quốc Hậu Nhật Thắng Thái Toàn Ân Vy Hào Luân Dương Linh Kỳ Sang Danh Bách Phước "
    "Tâm Triết "
    "Thuận Chiến Quý Mạnh Hòa Công Thiện Đông Giang Khải Lợi Ngọc Nguyện Phú Quyền Sinh Thông Tín Trọng Trực "
    "Tường Tôn "
    "Văn Viễn Vương Vỹ Xuân Ý Bằng Chương Cơ Đại Định Đình Hiển Hiệp Hoan Huân Kha Khiêm Khương Lân Lực Lương "
    "Luận Nhiên",
    "new2": "Anh Linh Trang Ngọc Nhi Vy My Hân Thảo Phương Hà Chi Trâm Ngân Uyên Như Quỳnh Giang Ly Mai Thư Yến "
    "Huyền Hương "
    "Diệp An Châu Khánh Tiên Trúc Nga Vân Hằng Lan Thủy Trinh Quyên Duyên Nhung Thy Tuyền Hiền Hạnh Tâm Trà "
    "Dương Đan Lam "
    "Ánh Bích Băng Diễm Dung Hoa Hoài Hồng Huệ Kiều Kim Lệ Liên Loan Minh Mỹ Nguyên Nguyệt Nhã Oanh Phượng Quế "
    "San Sương "
    "Thanh Thi Thu Thương Thúy Tú Tuyết Vi Vui Xuân Ý Yên Ân Cúc Di Đào Gia Hậu Hòa Khuê Lê Luyến Mi Nghi Phúc "
    "Tường Uyển "
    "Việt Vỹ Xuyến Ái Bảo Chinh Dân Điệp Hảo Hiếu Hoàng Hường Khuyên Lài Lý Mẫn Nhàn Ny Quy Sa Thoa Thuận Tố",
    "hmong1": "Páo Dơ Chu Tủa Dế Pó Sính Lử Giống Của Di Khua Nếnh Phử Sáu Súa Thề Tráng Vảng Vư Cháng Chứ Dình "
    "Dủa Hồ Ký",
    "hmong2": "Mỷ Pà Sua Dua Dợ Mai Chư Dở Ký Máy Sáy Xua Ganh Chở Dính Cở Pàng Sông Chía Say Vá Xay Giông Mị",
    "dao1": "Phấy Chài Quang Vạng Pu Thông Minh Sơn Hưng San Lưu Quý Pao Chiêu Kinh Nhàn Ton Guyên Hín Siểu",
    "dao2": "Mẩy Phấy Pham Ghển Chiệp Nái Mui Nảy Kiều Liều Lai Say Coi Xuân Hương Pú Cói Diện Sếnh",
    "thai1": "Inh Ón Hặc Pâng Thín Tướng Dũng Hùng Sơn Chung Thương Ọi Tiện Phong Biên Hoan Lả Xôm Thoan Minh Pọm Ún",
    "thai2": "Ón Lả Hoan Hương Pâng Thương Inh Duyên Phương Tiên Xuân Biên Hiêng Mai Lan Thoa Chựa Dương Ín Xoan Pánh",
    "khome1": "Rươl Chane Phia Sol Thol Phone Rích Vanna Danh Minh Tha Rinh Sươne Huôl Chanh Dara Ươne Nal Hùng Tuấn",
    "khome2": "Rinh Phalla Sokha Chanh Sarây Dary Phon Thương Kiều Linda Hương Chanthi Sô Phi Đa Huyền Lane Hoa "
    "Bopha Nary",
    "ede1": "Y Bđan|Y Thuy|Y Wưn|Y Khun|Y Bhiêo|Y Moan|Y Lêng|Y Suin|Y Blăk|Y Nguê|Y Dhăm|Y Jônh|Y Kông|Y Tlam|"
    "Y Săn|Y Riêo",
    "ede2": "H'Mai|H'Loan|H'Bia|H'Nhiêu|H'Yer|H'Lê|H'Đim|H'Rôh|H'Juăn|H'Wen|H'Ngăm|H'Blih|H'Nuen|H'Zina|H'Rin|H'Đuôn",
    "giarai1": "Hluh|Phương|Thuyên|Jan|Krông|Bơih|Tul|Wan|Kơk|Broi|Hnhơn|Thưh|Nhung|Đinh|Blui",
    "giarai2": "H'Nga|H'Lan|H'Yum|H'Phin|H'Mlin|H'Ni|H'Bik|H'Chuyên|H'Vui|H'Diu|H'Oanh|H'Thơm|H'Uyên|H'Bin",
    "xodang1": "A Thút|A Lăng|A Hơn|A Blô|A Điêng|A Nhẽo|A Kiên|A Sinh|A Brôl|A Hiếu|A Vương|A Jring|A Phương|A Tuấn",
    "xodang2": "Y Nga|Y Blút|Y Hương|Y Thanh|Y Đer|Y Bia|Y Liên|Y Hlăng|Y Sen|Y Phương|Y Đôi|Y Lan|Y Mai|Y Rơm",
    "bana1": "Yơn|Hmưnh|Bưk|Hyưh|Chơk|Plen|Anhưn|Byih|Nhơr|Yưh|Blenh|Khuk|Glơng",
    "bana2": "Yă|Hlơi|Bưch|Hmlen|Blưng|Nhưi|Thơi|Lêch|Hlyơm|Yưk|Bênh|Yin|Ngơi|Anhơ",
    "coho1": "K'Brếu|K'Tín|K'Bảo|K'Thương|K'Diệp|K'Minh|K'Xuân|K'Brơi|K'Mang|K'Phúc|K'Vinh|K'Tiêng",
    "coho2": "Ka Thị|Ka Nhim|Ka Brồi|Ka Duyên|Ka Hương|Ka Mai|Ka Dôi|Ka Lợi|Ka Thủy|Ka Srền|Ka Ngọc|Ka Sim",
    "cotu1": "Nhất|Blao|Ngheo|Dương|Bhuốt|Hùng|Trưng|Bân|Đơng|Crắc|Vinh|Phước|Nhơn|Lai",
    "cotu2": "Nhum|Ploong|Hương|Bhớ|Thơ|Trinh|Nga|Mót|Nhíp|Đớp|Lan|Thảo|Lép|Ngân",
}
"""Given names in order of frequency; words of several parts are divided by |."""

STREETS = (
    "Lê Lợi|Trần Hưng Đạo|Nguyễn Huệ|Hai Bà Trưng|Quang Trung|Lý Thường Kiệt|30 Tháng 4|Nguyễn Trãi|Lê Duẩn|Trần Phú|"
    "Hùng Vương|Nguyễn Du|Phan Chu Trinh|Phan Bội Châu|Ngô Quyền|Bà Triệu|Đinh Tiên Hoàng|Lê Hồng Phong|Lý Tự Trọng|"
    "Võ Thị Sáu|Nguyễn Văn Cừ|Hoàng Văn Thụ|Trường Chinh|Cách Mạng Tháng Tám|Nguyễn Thị Minh Khai|Điện Biên Phủ|"
    "Hoàng Diệu|Nguyễn Công Trứ|Tô Hiến Thành|Âu Cơ|Lạc Long Quân|Phạm Ngũ Lão|Yết Kiêu|Trần Quốc Toản|Lê Thánh Tông"
)
HAMLET_NAMES = (
    "Đông|Đoài|Trung|Thượng|Hạ|Nội|Ngoại|Tân Lập|Tân Tiến|Đồng Tâm|Thống Nhất|Hòa Bình|Quyết Thắng|Phú Mỹ|An Bình|"
    "Tân Phú|Bình An|Phước Lộc|Mỹ Hòa|Long Thành|Xuân Hòa|Đại Đồng|Yên Phú|Nà Lạn|Nà Pán|Bản Mới|Suối Cát|Ia Lâm"
)
