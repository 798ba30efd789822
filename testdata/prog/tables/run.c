// Makes the calls of a table (see internal/cmd/calls), of which none is carried
// out: a seccomp filter hands those of make_call to a listener, which lives in
// the same memory, untraced, and gives the result that the table says.
//
// usage: run FILE. FILE is a sequence of 64-bit words: 0 ADDR LEN BYTES writes
// memory; 1 NR ARG*6 RESULT N makes a call, during which N writes follow; 2 P makes
// descriptor 100+P a netlink socket of protocol P. BYTES are padded to 8. On x86-64 NR with bit 32 is a
// call of i386, by int $0x80. Descriptor 99 is a terminal.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define START 0x10000000ul
#define SIZE 0x10000ul
#define STACK (START + SIZE - 0x1000)

extern const char after_call[], after_int80[];
long make_call(const uint64_t *nr_and_args, uintptr_t stack);
#if defined __x86_64__
asm(".text\n"
    ".globl make_call, after_call, after_int80\n"
    "make_call:\n"
    "	push %rbx\n"
    "	push %rbp\n"
    "	push %r12\n"
    "	mov %rsp, %r12\n"
    "	mov %rsi, %rsp\n"
    "	mov (%rdi), %rax\n"
    "	bt $32, %rax\n"
    "	jc 1f\n"
    "	mov 24(%rdi), %rdx\n"
    "	mov 32(%rdi), %r10\n"
    "	mov 40(%rdi), %r8\n"
    "	mov 48(%rdi), %r9\n"
    "	mov 16(%rdi), %rsi\n"
    "	mov 8(%rdi), %rdi\n"
    "	syscall\n"
    "after_call:\n"
    "2:	mov %r12, %rsp\n"
    "	pop %r12\n"
    "	pop %rbp\n"
    "	pop %rbx\n"
    "	ret\n"
    "1:	mov %eax, %eax\n"
    "	mov 8(%rdi), %ebx\n"
    "	mov 16(%rdi), %ecx\n"
    "	mov 24(%rdi), %edx\n"
    "	mov 32(%rdi), %esi\n"
    "	mov 48(%rdi), %ebp\n"
    "	mov 40(%rdi), %edi\n"
    "	int $0x80\n"
    "after_int80:\n"
    "	jmp 2b\n");
#elif defined __aarch64__
asm(".text\n"
    ".globl make_call, after_call, after_int80\n"
    "make_call:\n"
    "	stp x19, x30, [sp, -16]!\n"
    "	mov x19, sp\n"
    "	mov sp, x1\n"
    "	mov x9, x0\n"
    "	ldr x8, [x9]\n"
    "	ldp x0, x1, [x9, 8]\n"
    "	ldp x2, x3, [x9, 24]\n"
    "	ldp x4, x5, [x9, 40]\n"
    "	svc 0\n"
    "after_call:\n"
    "after_int80:\n"
    "	mov sp, x19\n"
    "	ldp x19, x30, [sp], 16\n"
    "	ret\n");
#elif defined __arm__
asm(".text\n"
    ".syntax unified\n"
    ".arm\n"
    ".globl make_call, after_call, after_int80\n"
    ".type make_call, %function\n"
    "make_call:\n"
    "	push {r4, r5, r6, r7, r8, lr}\n"
    "	mov r8, sp\n"
    "	mov sp, r1\n"
    "	mov r6, r0\n"
    "	ldr r7, [r6]\n"
    "	ldr r0, [r6, #8]\n"
    "	ldr r1, [r6, #16]\n"
    "	ldr r2, [r6, #24]\n"
    "	ldr r3, [r6, #32]\n"
    "	ldr r4, [r6, #40]\n"
    "	ldr r5, [r6, #48]\n"
    "	svc #0\n"
    "after_call:\n"
    "after_int80:\n"
    "	mov sp, r8\n"
    "	pop {r4, r5, r6, r7, r8, pc}\n");
#elif defined __riscv
asm(".text\n"
    ".globl make_call, after_call, after_int80\n"
    "make_call:\n"
    "	addi sp, sp, -16\n"
    "	sd s1, 8(sp)\n"
    "	mv s1, sp\n"
    "	mv sp, a1\n"
    "	mv t0, a0\n"
    "	ld a7, 0(t0)\n"
    "	ld a0, 8(t0)\n"
    "	ld a1, 16(t0)\n"
    "	ld a2, 24(t0)\n"
    "	ld a3, 32(t0)\n"
    "	ld a4, 40(t0)\n"
    "	ld a5, 48(t0)\n"
    "	ecall\n"
    "after_call:\n"
    "after_int80:\n"
    "	mv sp, s1\n"
    "	ld s1, 8(sp)\n"
    "	addi sp, sp, 16\n"
    "	ret\n");
#endif

static int listener = -1, pipe_fds[2];
static const uint64_t *answer; // RESULT N writes

static void die(const char *what) { perror(what); exit(2); }

static const uint64_t *put(const uint64_t *w)
{
	memcpy((void *)(uintptr_t)w[0], w + 2, w[1]);
	return w + 2 + (w[1] + 7) / 8;
}

static int serve(void *unused)
{
	char go;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(pipe_fds[0], &go, 1) != 1)
		_exit(2);
	for (;;) {
		struct seccomp_notif n = {0};
		struct seccomp_notif_resp r = {0};
		struct pollfd p = {listener, POLLIN};
		poll(&p, 1, -1);
		if (p.revents & POLLHUP)
			_exit(0);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n))
			continue;
		const uint64_t *w = answer;
		int64_t result = w[0];
		uint64_t writes = w[1];
		for (w += 2; writes; writes--)
			w = put(w);
		r.id = n.id;
		if (result < 0 && result >= -4095)
			r.error = result;
		else
			r.val = result;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static void listen_to_calls(void)
{
	// The program is not position-independent: addresses in it have 32 bits.
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(uintptr_t)after_call, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(uintptr_t)after_int80, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {sizeof f / sizeof *f, f};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("PR_SET_NO_NEW_PRIVS");
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
	if (listener < 0)
		die("seccomp");
	if (write(pipe_fds[1], "", 1) != 1)
		die("write");
}

// netlink makes descriptor 100+protocol a netlink socket. Of a protocol that the
// kernel lacks it is one for users, whose address tells netlink.c.
static void netlink(int protocol)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW, protocol);
	if (fd < 0) {
		fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
		name.nl_pid = 0x7e000000 + protocol;
	}
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) || dup2(fd, 100 + protocol) < 0)
		die("netlink");
	close(fd);
}

int main(int argc, char **argv)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct stat st;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	if (fd < 0 || fstat(fd, &st))
		die("open");
	const uint64_t *w = mmap(0, st.st_size + 8, PROT_READ, MAP_PRIVATE, fd, 0);
	const uint64_t *end = w + st.st_size / 8;
	void *m = mmap((void *)START, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (w == MAP_FAILED || m != (void *)START)
		die("mmap");
	if (pipe(pipe_fds) || clone(serve, stack + sizeof stack, CLONE_VM | CLONE_FILES, 0) < 0)
		die("clone");
	if (dup2(open("/dev/ptmx", O_RDWR | O_NOCTTY), 99) < 0)
		die("/dev/ptmx");
	for (; w < end && *w == 2; w += 2)
		netlink(w[1]);
	listen_to_calls();
	while (w < end) {
		if (!*w++) {
			w = put(w);
			continue;
		}
		const uint64_t *nr = w;
		answer = w + 7;
		make_call(nr, STACK);
		uint64_t writes = w[8];
		for (w += 9; writes; writes--)
			w += 2 + (w[1] + 7) / 8;
	}
	_exit(0);
}
