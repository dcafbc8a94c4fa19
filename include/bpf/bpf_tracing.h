/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef __BPFCC_BPF_BPF_TRACING_H
#define __BPFCC_BPF_BPF_TRACING_H

/*
 * Arguments of traced functions, and macros that give them names and types:
 *
 *     SEC("tp_btf/sched_switch")
 *     int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
 */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#if defined(__TARGET_ARCH_x86) || (!defined(__BPF_NO_DEFAULT_ARCH) && defined(__x86_64__))
/* The kernel's own struct pt_regs has short names, the one that user space sees has long ones. */
#if defined(__KERNEL__) || defined(__VMLINUX_H__)
#define __PT_REGS_CAST(x) ((const struct pt_regs *)(x))
#define __PT_PARM1_REG di
#define __PT_PARM2_REG si
#define __PT_PARM3_REG dx
#define __PT_PARM4_REG cx
#define __PT_PARM5_REG r8
#define __PT_PARM6_REG r9
#define __PT_PARM1_SYSCALL_REG di
#define __PT_PARM2_SYSCALL_REG si
#define __PT_PARM3_SYSCALL_REG dx
#define __PT_PARM4_SYSCALL_REG r10
#define __PT_PARM5_SYSCALL_REG r8
#define __PT_PARM6_SYSCALL_REG r9
#define __PT_RET_REG sp
#define __PT_FP_REG bp
#define __PT_RC_REG ax
#define __PT_SP_REG sp
#define __PT_IP_REG ip
#else
#define __PT_REGS_CAST(x) ((const struct pt_regs *)(x))
#define __PT_PARM1_REG rdi
#define __PT_PARM2_REG rsi
#define __PT_PARM3_REG rdx
#define __PT_PARM4_REG rcx
#define __PT_PARM5_REG r8
#define __PT_PARM6_REG r9
#define __PT_PARM1_SYSCALL_REG rdi
#define __PT_PARM2_SYSCALL_REG rsi
#define __PT_PARM3_SYSCALL_REG rdx
#define __PT_PARM4_SYSCALL_REG r10
#define __PT_PARM5_SYSCALL_REG r8
#define __PT_PARM6_SYSCALL_REG r9
#define __PT_RET_REG rsp
#define __PT_FP_REG rbp
#define __PT_RC_REG rax
#define __PT_SP_REG rsp
#define __PT_IP_REG rip
#endif
#elif defined(__TARGET_ARCH_arm64)
#define __PT_REGS_CAST(x) ((const struct user_pt_regs *)(x))
#define __PT_PARM1_REG regs[0]
#define __PT_PARM2_REG regs[1]
#define __PT_PARM3_REG regs[2]
#define __PT_PARM4_REG regs[3]
#define __PT_PARM5_REG regs[4]
#define __PT_PARM6_REG regs[5]
#define __PT_PARM7_REG regs[6]
#define __PT_PARM8_REG regs[7]
#define __PT_PARM1_SYSCALL_REG regs[0]
#define __PT_PARM2_SYSCALL_REG regs[1]
#define __PT_PARM3_SYSCALL_REG regs[2]
#define __PT_PARM4_SYSCALL_REG regs[3]
#define __PT_PARM5_SYSCALL_REG regs[4]
#define __PT_PARM6_SYSCALL_REG regs[5]
#define __PT_RET_REG regs[30]
#define __PT_FP_REG regs[29]
#define __PT_RC_REG regs[0]
#define __PT_SP_REG sp
#define __PT_IP_REG pc
#elif defined(__TARGET_ARCH_s390)
#define __PT_REGS_CAST(x) ((const user_pt_regs *)(x))
#define __PT_PARM1_REG gprs[2]
#define __PT_PARM2_REG gprs[3]
#define __PT_PARM3_REG gprs[4]
#define __PT_PARM4_REG gprs[5]
#define __PT_PARM5_REG gprs[6]
#define __PT_PARM1_SYSCALL_REG gprs[2]
#define __PT_PARM2_SYSCALL_REG gprs[3]
#define __PT_PARM3_SYSCALL_REG gprs[4]
#define __PT_PARM4_SYSCALL_REG gprs[5]
#define __PT_PARM5_SYSCALL_REG gprs[6]
#define __PT_PARM6_SYSCALL_REG gprs[7]
#define __PT_RET_REG gprs[14]
#define __PT_FP_REG gprs[11]
#define __PT_RC_REG gprs[2]
#define __PT_SP_REG gprs[15]
#define __PT_IP_REG psw.addr
#elif defined(__TARGET_ARCH_arm)
#define __PT_REGS_CAST(x) ((const struct pt_regs *)(x))
#define __PT_PARM1_REG uregs[0]
#define __PT_PARM2_REG uregs[1]
#define __PT_PARM3_REG uregs[2]
#define __PT_PARM4_REG uregs[3]
#define __PT_PARM1_SYSCALL_REG uregs[0]
#define __PT_PARM2_SYSCALL_REG uregs[1]
#define __PT_PARM3_SYSCALL_REG uregs[2]
#define __PT_PARM4_SYSCALL_REG uregs[3]
#define __PT_PARM5_SYSCALL_REG uregs[4]
#define __PT_PARM6_SYSCALL_REG uregs[5]
#define __PT_RET_REG uregs[14]
#define __PT_FP_REG uregs[11]
#define __PT_RC_REG uregs[0]
#define __PT_SP_REG uregs[13]
#define __PT_IP_REG uregs[12]
#elif defined(__TARGET_ARCH_powerpc)
#define __PT_REGS_CAST(x) ((const struct pt_regs *)(x))
#define __PT_PARM1_REG gpr[3]
#define __PT_PARM2_REG gpr[4]
#define __PT_PARM3_REG gpr[5]
#define __PT_PARM4_REG gpr[6]
#define __PT_PARM5_REG gpr[7]
#define __PT_PARM6_REG gpr[8]
#define __PT_PARM7_REG gpr[9]
#define __PT_PARM8_REG gpr[10]
#define __PT_PARM1_SYSCALL_REG gpr[3]
#define __PT_PARM2_SYSCALL_REG gpr[4]
#define __PT_PARM3_SYSCALL_REG gpr[5]
#define __PT_PARM4_SYSCALL_REG gpr[6]
#define __PT_PARM5_SYSCALL_REG gpr[7]
#define __PT_PARM6_SYSCALL_REG gpr[8]
#define __PT_RET_REG link
#define __PT_FP_REG ___unsupported
#define __PT_RC_REG gpr[3]
#define __PT_SP_REG gpr[1]
#define __PT_IP_REG nip
#elif defined(__TARGET_ARCH_riscv)
#define __PT_REGS_CAST(x) ((const struct user_regs_struct *)(x))
#define __PT_PARM1_REG a0
#define __PT_PARM2_REG a1
#define __PT_PARM3_REG a2
#define __PT_PARM4_REG a3
#define __PT_PARM5_REG a4
#define __PT_PARM6_REG a5
#define __PT_PARM7_REG a6
#define __PT_PARM8_REG a7
#define __PT_PARM1_SYSCALL_REG a0
#define __PT_PARM2_SYSCALL_REG a1
#define __PT_PARM3_SYSCALL_REG a2
#define __PT_PARM4_SYSCALL_REG a3
#define __PT_PARM5_SYSCALL_REG a4
#define __PT_PARM6_SYSCALL_REG a5
#define __PT_RET_REG ra
#define __PT_FP_REG s0
#define __PT_RC_REG a0
#define __PT_SP_REG sp
#define __PT_IP_REG pc
#elif defined(__TARGET_ARCH_loongarch)
#define __PT_REGS_CAST(x) ((const struct user_pt_regs *)(x))
#define __PT_PARM1_REG regs[4]
#define __PT_PARM2_REG regs[5]
#define __PT_PARM3_REG regs[6]
#define __PT_PARM4_REG regs[7]
#define __PT_PARM5_REG regs[8]
#define __PT_PARM6_REG regs[9]
#define __PT_PARM7_REG regs[10]
#define __PT_PARM8_REG regs[11]
#define __PT_PARM1_SYSCALL_REG regs[4]
#define __PT_PARM2_SYSCALL_REG regs[5]
#define __PT_PARM3_SYSCALL_REG regs[6]
#define __PT_PARM4_SYSCALL_REG regs[7]
#define __PT_PARM5_SYSCALL_REG regs[8]
#define __PT_PARM6_SYSCALL_REG regs[9]
#define __PT_RET_REG regs[1]
#define __PT_FP_REG regs[22]
#define __PT_RC_REG regs[4]
#define __PT_SP_REG regs[3]
#define __PT_IP_REG csr_era
#else
/* No architecture was named: what depends on one is an error where it is used. */
#define ___bpf_no_arch(x) ({ \
	_Pragma("GCC error \"name the architecture of the traced kernel: -D__TARGET_ARCH_x86\"") \
	(void)(x); \
	0UL; \
})
#define PT_REGS_PARM1(x) ___bpf_no_arch(x)
#define PT_REGS_PARM1_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM2(x) ___bpf_no_arch(x)
#define PT_REGS_PARM2_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM3(x) ___bpf_no_arch(x)
#define PT_REGS_PARM3_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM4(x) ___bpf_no_arch(x)
#define PT_REGS_PARM4_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM5(x) ___bpf_no_arch(x)
#define PT_REGS_PARM5_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM6(x) ___bpf_no_arch(x)
#define PT_REGS_PARM6_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM7(x) ___bpf_no_arch(x)
#define PT_REGS_PARM7_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM8(x) ___bpf_no_arch(x)
#define PT_REGS_PARM8_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_PARM1_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM1_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM2_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM2_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM3_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM3_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM4_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM4_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM5_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM5_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM6_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_PARM6_CORE_SYSCALL(x) ___bpf_no_arch(x)
#define PT_REGS_RET(x) ___bpf_no_arch(x)
#define PT_REGS_RET_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_FP(x) ___bpf_no_arch(x)
#define PT_REGS_FP_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_RC(x) ___bpf_no_arch(x)
#define PT_REGS_RC_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_SP(x) ___bpf_no_arch(x)
#define PT_REGS_SP_CORE(x) ___bpf_no_arch(x)
#define PT_REGS_IP(x) ___bpf_no_arch(x)
#define PT_REGS_IP_CORE(x) ___bpf_no_arch(x)
#endif

#ifdef __PT_PARM1_REG
#define PT_REGS_PARM1(x) (__PT_REGS_CAST(x)->__PT_PARM1_REG)
#define PT_REGS_PARM1_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM1_REG)
#endif
#ifdef __PT_PARM2_REG
#define PT_REGS_PARM2(x) (__PT_REGS_CAST(x)->__PT_PARM2_REG)
#define PT_REGS_PARM2_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM2_REG)
#endif
#ifdef __PT_PARM3_REG
#define PT_REGS_PARM3(x) (__PT_REGS_CAST(x)->__PT_PARM3_REG)
#define PT_REGS_PARM3_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM3_REG)
#endif
#ifdef __PT_PARM4_REG
#define PT_REGS_PARM4(x) (__PT_REGS_CAST(x)->__PT_PARM4_REG)
#define PT_REGS_PARM4_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM4_REG)
#endif
#ifdef __PT_PARM5_REG
#define PT_REGS_PARM5(x) (__PT_REGS_CAST(x)->__PT_PARM5_REG)
#define PT_REGS_PARM5_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM5_REG)
#endif
#ifdef __PT_PARM6_REG
#define PT_REGS_PARM6(x) (__PT_REGS_CAST(x)->__PT_PARM6_REG)
#define PT_REGS_PARM6_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM6_REG)
#endif
#ifdef __PT_PARM7_REG
#define PT_REGS_PARM7(x) (__PT_REGS_CAST(x)->__PT_PARM7_REG)
#define PT_REGS_PARM7_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM7_REG)
#endif
#ifdef __PT_PARM8_REG
#define PT_REGS_PARM8(x) (__PT_REGS_CAST(x)->__PT_PARM8_REG)
#define PT_REGS_PARM8_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM8_REG)
#endif
#ifdef __PT_PARM1_REG
#define PT_REGS_PARM1_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM1_SYSCALL_REG)
#define PT_REGS_PARM1_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM1_SYSCALL_REG)
#define PT_REGS_PARM2_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM2_SYSCALL_REG)
#define PT_REGS_PARM2_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM2_SYSCALL_REG)
#define PT_REGS_PARM3_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM3_SYSCALL_REG)
#define PT_REGS_PARM3_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM3_SYSCALL_REG)
#define PT_REGS_PARM4_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM4_SYSCALL_REG)
#define PT_REGS_PARM4_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM4_SYSCALL_REG)
#define PT_REGS_PARM5_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM5_SYSCALL_REG)
#define PT_REGS_PARM5_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM5_SYSCALL_REG)
#define PT_REGS_PARM6_SYSCALL(x) (__PT_REGS_CAST(x)->__PT_PARM6_SYSCALL_REG)
#define PT_REGS_PARM6_CORE_SYSCALL(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_PARM6_SYSCALL_REG)
#define PT_REGS_RET(x) (__PT_REGS_CAST(x)->__PT_RET_REG)
#define PT_REGS_RET_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_RET_REG)
#define PT_REGS_FP(x) (__PT_REGS_CAST(x)->__PT_FP_REG)
#define PT_REGS_FP_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_FP_REG)
#define PT_REGS_RC(x) (__PT_REGS_CAST(x)->__PT_RC_REG)
#define PT_REGS_RC_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_RC_REG)
#define PT_REGS_SP(x) (__PT_REGS_CAST(x)->__PT_SP_REG)
#define PT_REGS_SP_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_SP_REG)
#define PT_REGS_IP(x) (__PT_REGS_CAST(x)->__PT_IP_REG)
#define PT_REGS_IP_CORE(x) BPF_CORE_READ(__PT_REGS_CAST(x), __PT_IP_REG)
#endif

#define PT_REGS_SYSCALL_REGS(ctx) ((struct pt_regs *)PT_REGS_PARM1(ctx))
#define BPF_KPROBE_READ_RET_IP(ip, ctx) \
	({ bpf_probe_read_kernel(&(ip), sizeof(ip), (void *)(PT_REGS_FP(ctx) + sizeof(ip))); })
#define BPF_KRETPROBE_READ_RET_IP(ip, ctx) \
	({ bpf_probe_read_kernel(&(ip), sizeof(ip), (void *)(PT_REGS_FP(ctx) + sizeof(ip))); })

#define ___bpf_ctx_args0()
#define ___bpf_ctx_args1(x0) , (void *)ctx[0]
#define ___bpf_ctx_args2(x0, x1) , (void *)ctx[0], (void *)ctx[1]
#define ___bpf_ctx_args3(x0, x1, x2) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2]
#define ___bpf_ctx_args4(x0, x1, x2, x3) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3]
#define ___bpf_ctx_args5(x0, x1, x2, x3, x4) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4]
#define ___bpf_ctx_args6(x0, x1, x2, x3, x4, x5) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5]
#define ___bpf_ctx_args7(x0, x1, x2, x3, x4, x5, x6) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6]
#define ___bpf_ctx_args8(x0, x1, x2, x3, x4, x5, x6, x7) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6], (void *)ctx[7]
#define ___bpf_ctx_args9(x0, x1, x2, x3, x4, x5, x6, x7, x8) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6], (void *)ctx[7], (void *)ctx[8]
#define ___bpf_ctx_args10(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6], (void *)ctx[7], (void *)ctx[8], (void *)ctx[9]
#define ___bpf_ctx_args11(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6], (void *)ctx[7], (void *)ctx[8], (void *)ctx[9], (void *)ctx[10]
#define ___bpf_ctx_args12(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11) , (void *)ctx[0], (void *)ctx[1], (void *)ctx[2], (void *)ctx[3], (void *)ctx[4], (void *)ctx[5], (void *)ctx[6], (void *)ctx[7], (void *)ctx[8], (void *)ctx[9], (void *)ctx[10], (void *)ctx[11]
#define ___bpf_regs_args0()
#define ___bpf_regs_args1(x0) , (void *)PT_REGS_PARM1(ctx)
#define ___bpf_regs_args2(x0, x1) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx)
#define ___bpf_regs_args3(x0, x1, x2) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx)
#define ___bpf_regs_args4(x0, x1, x2, x3) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx), (void *)PT_REGS_PARM4(ctx)
#define ___bpf_regs_args5(x0, x1, x2, x3, x4) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx), (void *)PT_REGS_PARM4(ctx), (void *)PT_REGS_PARM5(ctx)
#define ___bpf_regs_args6(x0, x1, x2, x3, x4, x5) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx), (void *)PT_REGS_PARM4(ctx), (void *)PT_REGS_PARM5(ctx), (void *)PT_REGS_PARM6(ctx)
#define ___bpf_regs_args7(x0, x1, x2, x3, x4, x5, x6) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx), (void *)PT_REGS_PARM4(ctx), (void *)PT_REGS_PARM5(ctx), (void *)PT_REGS_PARM6(ctx), (void *)PT_REGS_PARM7(ctx)
#define ___bpf_regs_args8(x0, x1, x2, x3, x4, x5, x6, x7) , (void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), (void *)PT_REGS_PARM3(ctx), (void *)PT_REGS_PARM4(ctx), (void *)PT_REGS_PARM5(ctx), (void *)PT_REGS_PARM6(ctx), (void *)PT_REGS_PARM7(ctx), (void *)PT_REGS_PARM8(ctx)
#define ___bpf_sys_args0()
#define ___bpf_sys_args1(x0) , (void *)PT_REGS_PARM1_SYSCALL(regs)
#define ___bpf_sys_args2(x0, x1) , (void *)PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs)
#define ___bpf_sys_args3(x0, x1, x2) , (void *)PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs), (void *)PT_REGS_PARM3_SYSCALL(regs)
#define ___bpf_sys_args4(x0, x1, x2, x3) , (void *)PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs), (void *)PT_REGS_PARM3_SYSCALL(regs), (void *)PT_REGS_PARM4_SYSCALL(regs)
#define ___bpf_sys_args5(x0, x1, x2, x3, x4) , (void *)PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs), (void *)PT_REGS_PARM3_SYSCALL(regs), (void *)PT_REGS_PARM4_SYSCALL(regs), (void *)PT_REGS_PARM5_SYSCALL(regs)
#define ___bpf_sys_args6(x0, x1, x2, x3, x4, x5) , (void *)PT_REGS_PARM1_SYSCALL(regs), (void *)PT_REGS_PARM2_SYSCALL(regs), (void *)PT_REGS_PARM3_SYSCALL(regs), (void *)PT_REGS_PARM4_SYSCALL(regs), (void *)PT_REGS_PARM5_SYSCALL(regs), (void *)PT_REGS_PARM6_SYSCALL(regs)
#define ___bpf_sys_core_args0()
#define ___bpf_sys_core_args1(x0) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs)
#define ___bpf_sys_core_args2(x0, x1) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs), (void *)PT_REGS_PARM2_CORE_SYSCALL(regs)
#define ___bpf_sys_core_args3(x0, x1, x2) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs), (void *)PT_REGS_PARM2_CORE_SYSCALL(regs), (void *)PT_REGS_PARM3_CORE_SYSCALL(regs)
#define ___bpf_sys_core_args4(x0, x1, x2, x3) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs), (void *)PT_REGS_PARM2_CORE_SYSCALL(regs), (void *)PT_REGS_PARM3_CORE_SYSCALL(regs), (void *)PT_REGS_PARM4_CORE_SYSCALL(regs)
#define ___bpf_sys_core_args5(x0, x1, x2, x3, x4) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs), (void *)PT_REGS_PARM2_CORE_SYSCALL(regs), (void *)PT_REGS_PARM3_CORE_SYSCALL(regs), (void *)PT_REGS_PARM4_CORE_SYSCALL(regs), (void *)PT_REGS_PARM5_CORE_SYSCALL(regs)
#define ___bpf_sys_core_args6(x0, x1, x2, x3, x4, x5) , (void *)PT_REGS_PARM1_CORE_SYSCALL(regs), (void *)PT_REGS_PARM2_CORE_SYSCALL(regs), (void *)PT_REGS_PARM3_CORE_SYSCALL(regs), (void *)PT_REGS_PARM4_CORE_SYSCALL(regs), (void *)PT_REGS_PARM5_CORE_SYSCALL(regs), (void *)PT_REGS_PARM6_CORE_SYSCALL(regs)

#define ___bpf_quiet(call) \
	_Pragma("GCC diagnostic push") \
	_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") \
	call; \
	_Pragma("GCC diagnostic pop")

#define BPF_PROG(name, args...) \
name(unsigned long long *ctx); \
static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args); \
typeof(name(0)) name(unsigned long long *ctx) \
{ \
	___bpf_quiet(return ____##name(ctx ___bpf_apply(___bpf_ctx_args, ___bpf_narg(args))(args))) \
} \
static __always_inline typeof(name(0)) ____##name(unsigned long long *ctx, ##args)

/*
 * BPF_PROG2 is for functions that take structs by value; types and names are given in pairs:
 *
 *     SEC("fentry/f")
 *     int BPF_PROG2(on_f, struct pair, p, int, n)
 *
 * An argument takes one word of the context for each 8 bytes.
 */
#define ___bpf_words(type) ((sizeof(type) + 7) / 8)
#define ___bpf_of_words(type, x, word, values...) ({ \
	union { word ___w[2]; type x; } ___a = { .___w = { values } }; \
	___a.x; \
})
#define ___bpf_arg2(type, x, n) \
	__builtin_choose_expr(sizeof(type) == 1, ___bpf_of_words(type, x, unsigned char, ctx[n]), \
	__builtin_choose_expr(sizeof(type) == 2, ___bpf_of_words(type, x, unsigned short, ctx[n]), \
	__builtin_choose_expr(sizeof(type) == 4, ___bpf_of_words(type, x, unsigned int, ctx[n]), \
	__builtin_choose_expr(sizeof(type) <= 8, \
			      ___bpf_of_words(type, x, unsigned long long, ctx[n]), \
			      ___bpf_of_words(type, x, unsigned long long, ctx[n], ctx[(n) + 1])))))

#define ___bpf_pairs(...) \
	___bpf_pairs_(_, ##__VA_ARGS__, 12, 12, 11, 11, 10, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 4, \
		      3, 3, 2, 2, 1, 1, 0)
#define ___bpf_pairs_(_, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17, \
		      _18, _19, _20, _21, _22, _23, _24, N, ...) N
#define ___bpf_decl2_0()
#define ___bpf_decl2_1(t, x) , t x
#define ___bpf_pass2_0(n)
#define ___bpf_pass2_1(n, t, x) , ___bpf_arg2(t, x, n)
#define ___bpf_decl2_2(t, x, args...) , t x ___bpf_decl2_1(args)
#define ___bpf_decl2_3(t, x, args...) , t x ___bpf_decl2_2(args)
#define ___bpf_decl2_4(t, x, args...) , t x ___bpf_decl2_3(args)
#define ___bpf_decl2_5(t, x, args...) , t x ___bpf_decl2_4(args)
#define ___bpf_decl2_6(t, x, args...) , t x ___bpf_decl2_5(args)
#define ___bpf_decl2_7(t, x, args...) , t x ___bpf_decl2_6(args)
#define ___bpf_decl2_8(t, x, args...) , t x ___bpf_decl2_7(args)
#define ___bpf_decl2_9(t, x, args...) , t x ___bpf_decl2_8(args)
#define ___bpf_decl2_10(t, x, args...) , t x ___bpf_decl2_9(args)
#define ___bpf_decl2_11(t, x, args...) , t x ___bpf_decl2_10(args)
#define ___bpf_decl2_12(t, x, args...) , t x ___bpf_decl2_11(args)
#define ___bpf_pass2_2(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_1((n) + ___bpf_words(t), args)
#define ___bpf_pass2_3(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_2((n) + ___bpf_words(t), args)
#define ___bpf_pass2_4(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_3((n) + ___bpf_words(t), args)
#define ___bpf_pass2_5(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_4((n) + ___bpf_words(t), args)
#define ___bpf_pass2_6(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_5((n) + ___bpf_words(t), args)
#define ___bpf_pass2_7(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_6((n) + ___bpf_words(t), args)
#define ___bpf_pass2_8(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_7((n) + ___bpf_words(t), args)
#define ___bpf_pass2_9(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_8((n) + ___bpf_words(t), args)
#define ___bpf_pass2_10(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_9((n) + ___bpf_words(t), args)
#define ___bpf_pass2_11(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_10((n) + ___bpf_words(t), args)
#define ___bpf_pass2_12(n, t, x, args...) \
	, ___bpf_arg2(t, x, n) ___bpf_pass2_11((n) + ___bpf_words(t), args)

#define ___bpf_decls2(args...) ___bpf_apply(___bpf_decl2_, ___bpf_pairs(args))(args)
#define BPF_PROG2(name, args...) \
name(unsigned long long *ctx); \
static __always_inline typeof(name(0)) \
____##name(unsigned long long *ctx ___bpf_decls2(args)); \
typeof(name(0)) name(unsigned long long *ctx) \
{ \
	return ____##name(ctx ___bpf_apply(___bpf_pass2_, ___bpf_pairs(args))(0, ##args)); \
} \
static __always_inline typeof(name(0)) \
____##name(unsigned long long *ctx ___bpf_decls2(args))

struct pt_regs;

#define BPF_KPROBE(name, args...) \
name(struct pt_regs *ctx); \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args); \
typeof(name(0)) name(struct pt_regs *ctx) \
{ \
	___bpf_quiet(return ____##name(ctx ___bpf_apply(___bpf_regs_args, ___bpf_narg(args))(args))) \
} \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args)

#define ___bpf_ret_args0()
#define ___bpf_ret_args1(x) , (void *)PT_REGS_RC(ctx)

#define BPF_KRETPROBE(name, args...) \
name(struct pt_regs *ctx); \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args); \
typeof(name(0)) name(struct pt_regs *ctx) \
{ \
	___bpf_quiet(return ____##name(ctx ___bpf_apply(___bpf_ret_args, ___bpf_narg(args))(args))) \
} \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args)

#define BPF_UPROBE(name, args...) BPF_KPROBE(name, ##args)
#define BPF_URETPROBE(name, args...) BPF_KRETPROBE(name, ##args)

extern _Bool LINUX_HAS_SYSCALL_WRAPPER __kconfig __weak;

#define BPF_KSYSCALL(name, args...) \
name(struct pt_regs *ctx); \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args); \
typeof(name(0)) name(struct pt_regs *ctx) \
{ \
	struct pt_regs *regs = LINUX_HAS_SYSCALL_WRAPPER ? \
		(struct pt_regs *)PT_REGS_PARM1(ctx) : ctx; \
	if (LINUX_HAS_SYSCALL_WRAPPER) { \
		___bpf_quiet(return ____##name(ctx ___bpf_apply(___bpf_sys_core_args, ___bpf_narg(args))(args))) \
	} \
	___bpf_quiet(return ____##name(ctx ___bpf_apply(___bpf_sys_args, ___bpf_narg(args))(args))) \
} \
static __always_inline typeof(name(0)) ____##name(struct pt_regs *ctx, ##args)
#define BPF_KPROBE_SYSCALL BPF_KSYSCALL

#endif
