"""Objects of clang go through our reader and loader into the running kernel."""

from __future__ import annotations

import struct

import pytest

from bpfcc.kernel.load import LoadOptions, load
from bpfcc.kernel.rejection import LoadError
from bpfcc.kernel.syscall import KernelError
from bpfcc.kernel.testrun import test_run as run_once
from bpfcc.support.errors import InputError

pytestmark = [pytest.mark.kernel, pytest.mark.peer]


def _syscall_run(loaded, name, words=8):
    result = run_once(loaded.programs[name], context=bytes(8 * words))
    return result.retval, struct.unpack(f"={words}Q", result.context)


def test_maps_data_subprograms_and_callbacks(compile_c):
    obj = compile_c(
        """
        struct v { int a; long b; };
        struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, struct v);
                 __uint(max_entries, 10); } m SEC(".maps");
        const volatile int factor = 3;
        static int hidden = 5; int shown = 7; long zero;
        __attribute__((noinline)) static int sub(int x) { hidden += x; return hidden * factor; }
        __attribute__((noinline)) int global(int x) { return sub(x) + shown; }
        static long callback(__u32 i, void *ctx) { *(long *)ctx += i; zero++; return 0; }
        SEC("syscall") int run(void *ctx) {
            int key = 1; struct v value = { 2, 3 }; long sum = 0;
            bpf_map_update_elem(&m, &key, &value, 0);
            bpf_loop(10, callback, &sum, 0);
            *(long *)ctx = sum;
            return global(1);
        }
        """
    )
    with load(obj, LoadOptions(globals={"factor": 4})) as loaded:
        assert loaded.types.error == ""
        retval, words = _syscall_run(loaded, "run")
        assert retval == 6 * 4 + 7
        assert words[0] == 45
        ((key, value),) = loaded.maps["m"].items()
        assert loaded.maps["m"].decode_key(key) == 1
        assert loaded.maps["m"].decode_value(value) == {"a": 2, "b": 3}
        data = loaded.maps[".data"]
        assert data.decode_value(data.lookup(bytes(4))) == {"shown": 7, "hidden": 6}
        bss = loaded.maps[".bss"]
        assert bss.decode_value(bss.lookup(bytes(4))) == {"zero": 10}
        with pytest.raises(KernelError, match="update"):
            loaded.maps[".rodata"].update(bytes(4), bytes(loaded.maps[".rodata"].value_size))


def test_unknown_global_is_an_error(compile_c):
    obj = compile_c('SEC("syscall") int run(void *ctx) { return 0; }')
    with pytest.raises(InputError, match="no variable 'nope'"):
        load(obj, LoadOptions(globals={"nope": 1}))


def test_rejection_names_the_line(compile_c):
    obj = compile_c(
        """struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long);
                 __uint(max_entries, 1); } m SEC(".maps");
        SEC("raw_tp/sys_enter") int bad(void *ctx) {
            int key = 0;
            long *value = bpf_map_lookup_elem(&m, &key);
            return *value;
        }
        """
    )
    with pytest.raises(LoadError) as caught:
        load(obj)
    error = caught.value
    assert error.program == "bad" and error.function == "bad"
    assert "map_value_or_null" in error.reason
    assert error.line is not None and error.line.text.strip() == "return *value;"
    (diagnostic,) = error.diagnostics
    assert diagnostic.span.position()[1] == error.line.line
    assert "processed" in error.log


def test_long_log_grows(compile_c):
    obj = compile_c(
        """
        SEC("raw_tp/sys_enter") int bad(void *ctx) {
            volatile long x = 0;
            for (int i = 0; i < 3000; i++) x += i * x;
            return *(int *)(x + 1);
        }
        """
    )
    with pytest.raises(LoadError) as caught:
        load(obj)
    assert len(caught.value.log) > 1 << 20
    assert "invalid mem access 'scalar'" in caught.value.reason


def test_kconfig_and_ksyms(compile_c):
    obj = compile_c(
        """
        extern int LINUX_KERNEL_VERSION __kconfig;
        extern int CONFIG_NOT_THERE_AT_ALL __kconfig __weak;
        extern _Bool CONFIG_BPF_SYSCALL __kconfig;
        extern const char CONFIG_DEFAULT_HOSTNAME[16] __kconfig;
        extern const void schedule __ksym;
        extern const void no_such_symbol __ksym __weak;
        struct task_struct;
        extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
        extern void bpf_task_release(struct task_struct *p) __ksym;
        extern void bpf_no_such_kfunc(void) __ksym __weak;
        SEC("syscall") int run(void *ctx) {
            long *out = ctx;
            struct task_struct *task = bpf_task_from_pid(bpf_get_current_pid_tgid() >> 32);
            if (bpf_no_such_kfunc) bpf_no_such_kfunc();
            out[0] = LINUX_KERNEL_VERSION;
            out[1] = CONFIG_NOT_THERE_AT_ALL;
            out[2] = CONFIG_BPF_SYSCALL;
            out[3] = CONFIG_DEFAULT_HOSTNAME[0];
            out[4] = (long)&schedule;
            out[5] = (long)&no_such_symbol;
            out[6] = task != 0;
            if (task) bpf_task_release(task);
            return 0;
        }
        """
    )
    from bpfcc.kernel.kconfig import kernel_version
    from bpfcc.kernel.ksyms import KernelSymbols

    with load(obj) as loaded:
        _, words = _syscall_run(loaded, "run")
    symbols = KernelSymbols()
    assert words[0] == kernel_version()
    assert words[1] == 0 and words[2] == 1
    assert words[3] == ord("(")  # "(none)", the usual name
    assert words[4] == symbols.address("schedule")
    assert symbols.name(words[4]) == "schedule" and symbols.name(words[4] + 4) == "schedule+0x4"
    assert words[5] == 0 and words[6] == 1


def test_missing_strong_symbols_are_named(compile_c):
    head = "extern void bpf_no_such_kfunc(void) __ksym;"
    obj = compile_c(head + 'SEC("syscall") int run(void *ctx) { bpf_no_such_kfunc(); return 0; }')
    with pytest.raises(InputError, match="bpf_no_such_kfunc"):
        load(obj)
    head = "extern int CONFIG_NOT_THERE_AT_ALL __kconfig;"
    obj = compile_c(head + 'SEC("syscall") int run(void *c) { return CONFIG_NOT_THERE_AT_ALL; }')
    with pytest.raises(InputError, match="CONFIG_NOT_THERE_AT_ALL"):
        load(obj)


def test_map_in_map_and_tail_calls(compile_c):
    obj = compile_c(
        """
        struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1);
                       __type(key, int); __type(value, int); };
        struct inner first SEC(".maps"), second SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 4);
                 __type(key, int); __array(values, struct inner); } outer SEC(".maps") = {
            .values = { [1] = &second, [3] = &first },
        };
        int tail(void *ctx);
        struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 3);
                 __type(key, int); __array(values, int (void *)); } jumps SEC(".maps") = {
            .values = { [2] = (void *)&tail },
        };
        SEC("xdp") int tail(void *ctx) { return 2; }
        SEC("xdp") int head(void *ctx) { bpf_tail_call(ctx, &jumps, 2); return 1; }
        SEC("xdp") int pick(void *ctx) {
            int one = 1, zero = 0;
            void *map = bpf_map_lookup_elem(&outer, &one);
            int *value = map ? bpf_map_lookup_elem(map, &zero) : 0;
            return value ? *value : 0;
        }
        """
    )
    with load(obj) as loaded:
        loaded.maps["second"].update(bytes(4), struct.pack("=i", 3))
        packet = bytes(64)
        assert run_once(loaded.programs["head"], data=packet).retval == 2
        assert run_once(loaded.programs["pick"], data=packet).retval == 3


def test_core_relocations_run_in_this_kernel(compile_c):
    obj = compile_c(
        """
        #include <bpf/bpf_core_read.h>
        struct mm___gone { int x; } __attribute__((preserve_access_index));
        struct task_struct { int pad; int tgid; int pid; char comm[8]; struct mm___gone *mm; }
            __attribute__((preserve_access_index));
        struct task_struct___old { int no_such_member; } __attribute__((preserve_access_index));
        enum bpf_map_type___mine { BPF_MAP_TYPE_HASH___x = 77, NO_SUCH_CONSTANT = 78 };
        SEC("syscall") int run(void *ctx) {
            long *out = ctx;
            struct task_struct *task = (void *)bpf_get_current_task();
            struct task_struct___old *old = (void *)task;
            int tgid = 0;
            bpf_core_read(&tgid, sizeof(tgid), &task->tgid);
            out[0] = tgid;
            out[1] = bpf_core_field_exists(task->comm);
            out[2] = bpf_core_field_exists(old->no_such_member);
            out[3] = bpf_core_field_size(task->comm);
            out[4] = bpf_core_type_exists(struct task_struct);
            out[5] = bpf_core_enum_value_exists(enum bpf_map_type___mine, BPF_MAP_TYPE_HASH___x);
            out[6] = bpf_core_enum_value(enum bpf_map_type___mine, BPF_MAP_TYPE_HASH___x);
            out[7] = bpf_core_enum_value_exists(enum bpf_map_type___mine, NO_SUCH_CONSTANT);
            if (bpf_core_field_exists(old->no_such_member))
                return BPF_CORE_READ(old, no_such_member);
            return 0;
        }
        """
    )
    import os

    with load(obj) as loaded:
        retval, words = _syscall_run(loaded, "run")
    assert retval == 0
    assert words == (os.getpid(), 1, 0, 16, 1, 1, 1, 0)


def test_per_cpu_values_and_batches(compile_c):
    obj = compile_c(
        """
        struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2);
                 __type(key, int); __type(value, int); } per SEC(".maps");
        struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 3000);
                 __type(key, int); __type(value, long); } many SEC(".maps");
        SEC("syscall") int run(void *ctx) {
            int key = 1; int *v = bpf_map_lookup_elem(&per, &key);
            if (v) *v += 5;
            return 0;
        }
        """
    )
    with load(obj) as loaded:
        run_once(loaded.programs["run"], context=bytes(8))
        per = loaded.maps["per"]
        values = per.decode_value(per.lookup(struct.pack("=i", 1)))
        assert isinstance(values, list) and sum(values) == 5
        per.update(struct.pack("=i", 0), struct.pack("=i", 9))
        assert set(per.decode_value(per.lookup(struct.pack("=i", 0)))) == {9}
        many = loaded.maps["many"]
        for i in range(2500):
            many.update(struct.pack("=i", i), struct.pack("=q", i * i))
        items = {many.decode_key(k): many.decode_value(v) for k, v in many.items()}
        assert items == {i: i * i for i in range(2500)}
        assert sorted(many.decode_key(k) for k in list(many.keys())) == list(range(2500))
        assert many.delete(struct.pack("=i", 7)) and not many.delete(struct.pack("=i", 7))
        assert many.lookup(struct.pack("=i", 7)) is None
        many.clear()
        assert many.items() == []
        with pytest.raises(InputError, match="key of 2 bytes"):
            many.lookup(b"ab")


def test_hidden_functions_are_followed_not_proved_alone(compile_c):
    obj = compile_c(
        """
        __attribute__((noinline, visibility("hidden"))) int deref(int *p) { return *p; }
        SEC("syscall") int run(void *ctx) { int x = 5; asm volatile("" : "+r"(x));
            return deref(&x); }
        """
    )
    with load(obj) as loaded:
        assert _syscall_run(loaded, "run")[0] == 5


def test_wrong_map_attributes_are_explained(compile_c):
    obj = compile_c(
        """
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2);
                 __type(key, long); __type(value, int); } wrong SEC(".maps");
        SEC("syscall") int run(void *ctx) { return 0; }
        """
    )
    with pytest.raises(KernelError, match=r"'wrong'.*key.*exactly 4 bytes"):
        load(obj)


def test_variables_are_read_and_set_while_loaded(compile_c):
    obj = compile_c(
        """
        struct pair { int a, b; };
        const volatile int fixed = 4; struct pair shared = { 1, 2 }; long other = 7;
        SEC("syscall") int run(void *ctx) { other++; return shared.a * fixed + shared.b; }
        """
    )
    with load(obj) as loaded:
        assert loaded.variable("shared") == {"a": 1, "b": 2}
        assert _syscall_run(loaded, "run")[0] == 6
        loaded.set_variable("shared", {"a": 10, "b": 1})
        assert _syscall_run(loaded, "run")[0] == 41
        assert loaded.variable("other") == 9 and loaded.variable("fixed") == 4
        with pytest.raises(InputError, match="'fixed' is constant"):
            loaded.set_variable("fixed", 5)
        with pytest.raises(InputError, match="no variable 'nope'"):
            loaded.variable("nope")
