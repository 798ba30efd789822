/*
 * Functions whose names are odd: several at one address, of no size, of no
 * type, one inside another, a call at a function's very end. Each raises
 * SIGURG by system calls of its own.
 */
.macro STOP
 mov $39,%eax
 syscall
 mov %eax,%edi
 mov $23,%esi
 mov $62,%eax
 syscall
.endm
.globl main
 .text
main: .cfi_startproc
  sub $8,%rsp
  .cfi_adjust_cfa_offset 8
  call f_two
  call f_notype
  call f_size0
  call f_local_global
  call f_weak
  call f_over
  call f_gap
  call f_hidden1
  call f_tail
  xor %eax,%eax
  add $8,%rsp
  .cfi_adjust_cfa_offset -8
  ret
  .cfi_endproc
  .type main,@function
  .size main,.-main
  .balign 64
.globl f_b
.globl f_a
.globl f_two
.type f_b,@function
.type f_a,@function
.type f_two,@function
f_b: f_a: f_two: .cfi_startproc
 STOP
 ret
 .cfi_endproc
.size f_b,.-f_b
.size f_a,.-f_a
.size f_two,.-f_two
.balign 64
.globl f_notype
f_notype: .cfi_startproc
 STOP
 ret
 .cfi_endproc
.size f_notype,.-f_notype
.balign 64
.globl f_size0
.type f_size0,@function
f_size0: .cfi_startproc
 STOP
 ret
 .cfi_endproc
.balign 64
.globl f_local_global
.type f_local_global,@function
.type f_ll,@function
.type f_aa,@function
f_ll: f_aa: f_local_global: .cfi_startproc
 STOP
 ret
 .cfi_endproc
.size f_local_global,.-f_local_global
.size f_ll,.-f_ll
.size f_aa,.-f_aa
.balign 64
.weak f_weak
.globl f_wg
.type f_weak,@function
.type f_wg,@function
f_weak: f_wg: .cfi_startproc
 STOP
 ret
 .cfi_endproc
.size f_weak,.-f_weak
.size f_wg,.-f_wg
.balign 64
.globl f_over
.type f_over,@function
.type f_inner,@function
.type f_short,@function
f_over: .cfi_startproc
 nop
f_inner:
 nop
f_short:
 nop
.size f_short,.-f_short
 STOP
 ret
 .cfi_endproc
.size f_over,.-f_over
.size f_inner,.-f_inner
.balign 64
.globl f_gap
.type f_gap,@function
f_gap: .cfi_startproc
 nop
.size f_gap,.-f_gap
 STOP
 ret
 .cfi_endproc
.balign 64
.globl f_hidden1
.hidden f_hidden1
.type f_hidden1,@function
.type f_obj,@object
.type f_ifunc,@gnu_indirect_function
f_obj: f_hidden1: .cfi_startproc
 nop
f_ifunc:
 STOP
 ret
 .cfi_endproc
.size f_hidden1,.-f_hidden1
.size f_obj,.-f_obj
.size f_ifunc,.-f_ifunc
.balign 64
.globl f_tail
.type f_tail,@function
f_tail: .cfi_startproc
 sub $8,%rsp
  .cfi_adjust_cfa_offset 8
 call f_nr
 .cfi_endproc
.size f_tail,.-f_tail
.globl f_nr
.type f_nr,@function
f_nr: .cfi_startproc
 STOP
 add $16,%rsp
 .cfi_adjust_cfa_offset -8
 ret
.cfi_endproc
.size f_nr,.-f_nr
.section .note.GNU-stack,"",@progbits
