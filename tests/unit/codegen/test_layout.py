"""Order of blocks, shared ends, moves off edges, repeated values."""

from __future__ import annotations

HEAD = 'func @f(ptr %p, i64 %n) -> i64 section "tc" linkage global {\nentry:\n'


def lines(box, body, mcpu=3, **options):
    return box.lines(HEAD + body + "\n}\n", mcpu, **options)


def gotos(code):
    return [line for line in code if line.startswith("goto")]


def test_early_returns_share_their_end(box):
    body = ""
    for i in range(4):
        body += f"""%x{i} = load i64 %p off={i * 8}
%c{i} = eq i1 %x{i}, i64 {i + 5}
condbr %c{i}, out{i}, next{i}
out{i}:
ret i64 1
next{i}:
"""
    code = lines(box, body + "ret i64 2")
    assert code.count("exit") == 2
    assert len(code) == 4 * 2 + 4
    assert not gotos(code)


def test_returned_constants_are_set_before_the_branch(box):
    body = """%x = load i64 %p
%c = eq i1 %x, i64 5
condbr %c, out, next
next:
store %p, %n
br out
out:
%r = phi i64 [i64 0, entry], [%n, next]
ret %r"""
    code = lines(box, body)
    assert code.count("exit") == 1
    assert not gotos(code)


def test_loop_has_one_jump(box):
    body = """br head
head:
%i = phi i64 [i64 0, entry], [%j, body]
%c = ult i1 %i, %n
condbr %c, body, out
body:
%q = ptradd ptr %p, %i
store %q, i8 1
%j = add i64 %i, i64 1
br head
out:
ret i64 0"""
    code = lines(box, body)
    # Jumps inside the loop: the test, and nothing else.
    assert sum(line.startswith("if") for line in code) == 1
    assert len(gotos(code)) == 1
    back = next(i for i, line in enumerate(code) if line.startswith("if"))
    assert "goto -" in code[back]


def test_endless_loops_stay(box):
    assert lines(box, "br a\na:\nbr b\nb:\nbr a") == ["goto -1"]
    code = lines(box, "%c = ne i1 %n, i64 0\ncondbr %c, a, b\na:\nbr a\nb:\nret i64 0")
    assert "goto -1" in code


def test_unlikely_blocks_go_out_of_the_way(box):
    for likely in ("yes", "no"):
        body = f"""%c = ne i1 %n, i64 0
condbr %c, a, b likely={likely}
a:
store %p, i64 1
br out
b:
store %p, i64 2
br out
out:
%x = load i64 %p
ret %x"""
        code = lines(box, body)
        wanted = "1" if likely == "yes" else "2"
        first = next(line for line in code if line.startswith("*(u64"))
        assert first.endswith(wanted)


def test_repeated_constants_go(box):
    body = ""
    for i in range(3):
        body += f"%x{i} = load i64 %p off={i * 8}\n%c{i} = eq i1 %x{i}, i64 {i + 5}\n"
        body += f"condbr %c{i}, out, next{i}\nnext{i}:\n"
    incoming = ", ".join(["[i64 9, entry]", "[i64 9, next0]", "[i64 9, next1]", "[i64 4, next2]"])
    code = lines(box, body + f"br out\nout:\n%r = phi i64 {incoming}\nret %r")
    assert sum(line.endswith("= 9") for line in code) == 1


def test_nothing_is_moved_without_optimisation(box):
    body = """%x = load i64 %p
%c = eq i1 %x, i64 5
condbr %c, out, next
next:
ret i64 1
out:
ret i64 1"""
    assert lines(box, body, opt_level=0).count("exit") == 2
    assert lines(box, body).count("exit") == 1


def test_blocks_that_touch_memory_through_pointers_stay_apart(box):
    body = """%c = eq i1 %n, i64 5
condbr %c, a, b
a:
store %p, i64 1
ret i64 0
b:
store %p, i64 1
ret i64 0"""
    code = lines(box, body)
    assert sum(line.startswith("*(u64") for line in code) == 2
    assert code.count("exit") == 1


def test_ends_that_make_their_pointer_are_shared(box):
    body = """%c = eq i1 %n, i64 5
condbr %c, a, b
a:
%x = load i64 %p
%g = load i64 @g
%s = add i64 %g, %x
store @g, %s
ret i64 0
b:
%y = load i64 %p off=8
%h = load i64 @g
%t = add i64 %h, %y
store @g, %t
ret i64 0"""
    text = 'global @g section ".data" align 8 linkage global size 8 zero\n'
    code = box.lines(text + HEAD + body + "\n}\n")
    assert sum(line.endswith(" ll") for line in code) == 1
    assert len(code) <= 11


def test_input_is_left_alone(box):
    from bpfcc.ir.printer import print_module

    for seed in range(8):
        module = box.irgen.random_module(seed, 3, 60)
        before = print_module(module)
        box.compile(module, 3)
        assert print_module(module) == before
