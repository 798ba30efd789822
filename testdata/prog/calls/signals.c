// Signals as a tracer sees them: faults, signals sent with every code, children,
// timers, descriptors, seccomp; and calls that they interrupt.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf before;

static void leave(int sig, siginfo_t *info, void *context) { siglongjmp(before, 1); }
static void stay(int sig, siginfo_t *info, void *context) { }

#define TRY(what) do { if (!sigsetjmp(before, 1)) { what; } } while (0)

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
	sigaction(sig, &sa, 0);
}

static void faults(void)
{
	volatile int zero = 0;
	char *read_only = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("empty", 0);
	char *beyond_end = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	TRY(*(volatile int *)8 = 1);
	TRY(*(volatile char *)read_only = 1);
	TRY(((void (*)(void))read_only)());
	TRY(*(volatile char *)beyond_end = 1);
	TRY(zero = 1 / zero);
#ifdef __x86_64__
	TRY(*(volatile int *)0x8000000000000000 = 1);
	TRY(asm volatile("ud2"));
	TRY(asm volatile("int3"));
	TRY(asm volatile("hlt"));
	TRY(asm volatile("pushf; orq $0x100,(%rsp); popf; nop"));
#endif
	close(fd);
}

static void sent(void)
{
	union sigval v = {.sival_ptr = (void *)0x12345678};
	siginfo_t info;
	pid_t self = getpid();
	kill(self, SIGUSR1);
	raise(SIGUSR2);
	raise(SIGRTMIN + 3);
	raise(SIGRTMAX);
	sigqueue(self, SIGUSR1, v);
	v.sival_ptr = 0;
	sigqueue(self, SIGRTMIN, v);
	for (int code = -8; code < 0; code++) {
		memset(&info, 0, sizeof info);
		info.si_code = code;
		info.si_errno = -code;
		info.si_value.sival_int = 7;
		syscall(SYS_rt_sigqueueinfo, self, SIGUSR1, &info);
		syscall(SYS_rt_tgsigqueueinfo, self, self, SIGIO, &info);
		TRY(syscall(SYS_rt_sigqueueinfo, self, SIGSEGV, &info));
	}
}

static void blocked(void)
{
	sigset_t set, pending;
	struct timespec no_time = {0, 0};
	siginfo_t info;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, 0);
	raise(SIGUSR1);
	raise(SIGRTMIN + 1);
	sigpending(&pending);
	sigtimedwait(&set, &info, &no_time);
	sigwaitinfo(&set, 0);
	sigtimedwait(&set, &info, &no_time);
	raise(SIGUSR1);
	sigemptyset(&pending);
	sigsuspend(&pending);
	sigprocmask(SIG_UNBLOCK, &set, 0);
}

static void children(void)
{
	static const int ends[] = {0, SIGTERM, SIGKILL, SIGSEGV};
	sigset_t chld;
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (int i = 0; i < 4; i++) {
		sigprocmask(SIG_BLOCK, &chld, 0);
		pid_t pid = fork();
		if (!pid) {
			signal(ends[i], SIG_DFL);
			if (ends[i])
				raise(ends[i]);
			_exit(7);
		}
		sigwaitinfo(&chld, 0);
		sigprocmask(SIG_UNBLOCK, &chld, 0);
		waitpid(pid, 0, 0);
	}
}

static void interrupted(void)
{
	/* Long enough for a traced call on a slow machine: a signal that comes before its call ends nothing. */
	struct itimerval soon = {.it_value.tv_usec = 300000};
	struct timespec long_time = {10, 5}, left;
	handle(SIGALRM, stay, 0);
	setitimer(ITIMER_REAL, &soon, 0);
	nanosleep(&long_time, &left);
	setitimer(ITIMER_REAL, &soon, 0);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, &left);
	setitimer(ITIMER_REAL, &soon, 0);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){1 << 30, 0}, &left);
	setitimer(ITIMER_REAL, &soon, 0);
	pause();
}

static void descriptors(void)
{
	int pair[2], ends[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	fcntl(pair[0], F_SETOWN, getpid());
	fcntl(pair[0], F_SETFL, O_ASYNC);
	write(pair[1], "x", 1);
	fcntl(pair[0], F_SETSIG, SIGRTMIN + 2);
	write(pair[1], "x", 1);
	pipe(ends);
	close(ends[0]);
	write(ends[1], "x", 1);
}

static void forbidden(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | 5),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof f / sizeof *f, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	TRY(getppid());
}

int main(void)
{
	static const int faulty[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
	static const int others[] = {SIGUSR1, SIGUSR2, SIGIO, SIGPIPE, SIGCHLD};
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (int i = 0; i < 6; i++)
		handle(faulty[i], leave, SA_NODEFER);
	for (int i = 0; i < 5; i++)
		handle(others[i], stay, SA_RESTART);
	for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		handle(sig, stay, SA_RESTART);
	faults();
	sent();
	blocked();
	children();
	interrupted();
	descriptors();
	forbidden();
	return 0;
}
