"""Coordinates as maps, phones and people give them."""

import pytest

from rules.coordinates import BadCoordinates, parse_coordinates

KUTA = (-8.67, 115.21)


@pytest.mark.parametrize(
    "text",
    [
        "-8.67, 115.21",
        "−8.67, 115.21",  # the minus of U+2212
        "–8.67, 115.21",
        "(-8.67, 115.21)",
        "[-8.67; 115.21].",
        "-8.67° 115.21°",
        "8.67 S, 115.21 E",
        "8.67S 115.21E",
        "S 8.67 E 115.21",
        "S8.67, E115.21",
        "8.67 s; 115.21 e",
        "115.21 BT 8.67 LS",
        "E 115.21, S 8.67",
        "8,67 LS dan 115,21 BT",
        "8,67LS;115,21BT",
        "-8,67, 115,21",
        "-8,67,115,21",
        "-8,67 115,21",
        "8.67 S - 115.21 T",
        "-8.67 S, 115.21 E",
        "Lintang Selatan 8,67 Bujur Timur 115,21",
        "8.67° lintang selatan, 115.21° bujur timur",
        "Lintang: -8.67 Bujur: 115.21",
        "Lat -8.67 Long 115.21",
        "lat=-8.67, lng=115.21",
        "Koordinat: -8.67/115.21 (WGS 84)",
        "GPS: -8.67, 115.21",
        "LatLng(-8.67, 115.21)",
        "📍 -8.67, 115.21",
        "📌Lokasi GPS 8.67 S 115.21 E",
        "８．６７S １１５．２１E",
        "8° 40' 12\" S 115° 12' 36\" E",
        "8°40’12”S 115°12’36”E",
        "8°40′12″S115°12′36″E",
        "8º40´12´´ LS, 115º12´36´´ BT",
        "8˚40'12''S, 115˚12'36''E",
        "S 8° 40' 12\" E 115° 12' 36\"",
        "8°40,2' LS 115°12,6' BT",
        "8° 40.2 S, 115° 12.6 E",
        "8 40 12 S 115 12 36 E",
        "8:40:12 S, 115:12:36 E",
        "8d40m12s S 115d12m36s E",
        "8 derajat 40 menit 12 detik LS 115 derajat 12 menit 36 detik BT",
        "-8 40 12 115 12 36",
        "-8.67,\xa0115.21\u200b",
        "geo:-8.67,115.21;u=35",
        "geo:0,0?q=-8.67,115.21(Kuta)",
        "https://maps.google.com/?q=-8.67,115.21",
        "https://maps.google.com/maps?q=-8.67%2C115.21&z=17&hl=id",
        "https://www.google.com/maps/@-8.67,115.21,17z",
        "https://www.google.com/maps/search/-8.67,+115.21",
        "https://www.google.com/maps/place/8%C2%B040'12%22S/@-8.6,115.2,17z/data=!8m2!3d-8.67!4d115.21",
        "https://www.openstreetmap.org/?mlat=-8.67&mlon=115.21#map=15/-8.6/115.2",
        "https://maps.apple.com/?ll=-8.67,115.21&q=Kuta",
        "https://waze.com/ul?ll=-8.67,115.21&navigate=yes",
        "Lokasi saya: https://maps.google.com/?q=-8.67,115.21",
    ],
)
def test_one_place_in_many_ways(text):
    assert parse_coordinates(text) == pytest.approx(KUTA)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("0.5 LU 117 BT", (0.5, 117)),
        ("0,5 U; 117 T", (0.5, 117)),
        ("33°51'S 70°40'W", (-33.85, -70.66667)),
        ("40.7 N, 74 B", (40.7, -74)),
        ("8°40'13.6\"S 115°12'45.5\"E", (-8.67044, 115.21264)),
        ("8 114", (8, 114)),
        ("-8,114", (-8, 114)),
        ("0, 0", (0, 0)),
    ],
)
def test_other_places(text, place):
    assert parse_coordinates(text) == pytest.approx(place, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pantai Kuta", "“Pantai” tidak dimengerti"),
        ("8.67 X, 115.21 E", "“X” tidak dimengerti"),
        ("8.67 S @ 115.21 E", "“@” tidak dimengerti"),
        ("8..67, 115", "“.” tidak dimengerti"),
        ("-8.67", "Isi lintang dan bujur"),
        ("8.67 S, 8.7 S", "Isi lintang dan bujur"),
        ("-8.67, 115.21, 12", "Isi lintang dan bujur"),
        ("°'", "Isi lintang dan bujur"),
        ("115.21, -8.67", "terbalik"),
        ("200, 300", "paling besar 90"),
        ("-8.67, 181", "paling besar 90"),
        ("8°61'S 115°12'E", "di bawah 60"),
        ("-8.67 N, 115.21 E", "bertentangan"),
        ("8.67 - 115.21", "dapat dibaca sebagai minus"),
        ("8.67–115.21", "dapat dibaca sebagai minus"),
        ("50L 303500 9040000", "UTM"),
        ("303500, 9040000", "UTM"),
        ("https://maps.app.goo.gl/AbCdEf123", "Tautan ini tidak memuat"),
        ("https://goo.gl/maps/x", "Tautan ini tidak memuat"),
    ],
)
def test_the_sentence_names_what_isnt_understood(text, words):
    with pytest.raises(BadCoordinates, match=words):
        parse_coordinates(text)
