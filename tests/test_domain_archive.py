import io
import zipfile

from hypothesis import example, given
from hypothesis import strategies as st

from ..domain.archive import MAX_NAME, Archive, safe_name, unique_names
from .domain_common import DomainCase

NAMES = st.text(max_size=200)


def archive(*files):
    out = io.BytesIO()
    made = Archive(out)
    for path, content in files:
        made.add(path, lambda content=content: content)
    made.close()
    return made, out.getvalue()


class TestArchive(DomainCase):
    """Files of somebody else on the disk of somebody else."""

    def test_what_names_become(self):
        for name, expected in (
            ("Contract.pdf", "Contract.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\Windows\\x.dll", "C__Windows_x.dll"),
            ("a\r\nb\x00.pdf", "ab.pdf"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("  .hidden ", "hidden"),
            ("CON.pdf", "_CON.pdf"),
            ("con", "_con"),
            ("", "file"),
            ("...", "file"),
            ("è’漢 字.pdf", "è’漢 字.pdf"),
            ("e\u0300.pdf", "è.pdf"),
            ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
            ("name.", "name"),
            ('a"<b>|?*.txt', "a__b____.txt"),
        ):
            with self.subTest(name=name):
                self.assertEqual(safe_name(name), expected)

    @given(NAMES)
    @example("." * 40)
    @example("a" * 99 + "é")
    @example("COM1 .txt")
    def test_a_name_is_one_component_of_bounded_length_and_stays(self, name):
        safe = safe_name(name)
        self.assertTrue(safe)
        self.assertLessEqual(len(safe.encode()), MAX_NAME)
        self.assertFalse(set(safe) & set('/\\:*?"<>|\r\n\0'))
        self.assertNotIn(safe[0], ". ")
        self.assertNotIn(safe[-1], ". ")
        self.assertEqual(safe_name(safe), safe)

    @given(st.lists(st.sampled_from(["a.pdf", "A.PDF", "a (2).pdf", "b", "../b"]), max_size=9))
    def test_no_two_names_are_one_file(self, names):
        made = unique_names(names)
        self.assertEqual(len({name.casefold() for name in made}), len(names))

    def test_the_same_content_is_the_same_file_byte_for_byte(self):
        first = archive(("a/é.txt", b"x" * 9999), ("b", b""))
        second = archive(("a/é.txt", b"x" * 9999), ("b", b""))
        self.assertEqual(first[1], second[1])
        self.assertNotEqual(first[1], archive(("a/é.txt", b"y"), ("b", b""))[1])

    def test_what_was_written_is_told_and_can_be_read_by_anybody(self):
        made, content = archive(("x.txt", b"hello"))
        self.assertEqual(made.written, [(
            "x.txt", 5, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        )])
        with zipfile.ZipFile(io.BytesIO(content)) as read:
            self.assertIsNone(read.testzip())
            self.assertEqual(read.read("x.txt"), b"hello")
