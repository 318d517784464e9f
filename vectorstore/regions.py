"""The names of the provinces, short and full, so that 天津 and 天津市 are one region. The list is closed: there are 34."""

_SUFFIXES = {
    "北京 天津 上海 重庆": "市",
    "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾": "省",
    "内蒙古 西藏": "自治区",
    "广西": "壮族自治区",
    "宁夏": "回族自治区",
    "新疆": "维吾尔自治区",
    "香港 澳门": "特别行政区",
}
PROVINCES = {short: short + suffix for shorts, suffix in _SUFFIXES.items() for short in shorts.split()}
MUNICIPALITIES = frozenset(full for full in PROVINCES.values() if full.endswith("市"))
NATIONAL = "全国"


def full_name(region: str) -> str:
    """Return the full name of the province ``region``; any other place is called what it is called."""
    bare = region.strip()
    return PROVINCES.get(bare, bare)
