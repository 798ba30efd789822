// rt_sigreturn and restart_syscall always pass. A handler changes the registers that
// the former restores: a call that is made again becomes another one, with other
// words; and the latter is called for a call that was denied.
#include "attack.h"
#include <sys/time.h>
#include <sys/ucontext.h>
#include <time.h>

static int p[2];

#ifdef __x86_64__
static void change(int sig, siginfo_t *info, void *u)
{
	(void)sig, (void)info;
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	// The read that the timer has interrupted is to be made again: it stands at
	// its instruction, with its number. It becomes an openat.
	unsigned char *ip = (unsigned char *)g[REG_RIP];
	if (ip[0] != 0x0f || ip[1] != 0x05)
		return;
	g[REG_RAX] = SYS_openat;
	g[REG_RDI] = AT_FDCWD;
	g[REG_RSI] = (greg_t) "secret/key";
	g[REG_RDX] = O_RDONLY;
}
#endif

int main(void)
{
	honest();
#ifdef __x86_64__
	struct sigaction a = {.sa_sigaction = change, .sa_flags = SA_SIGINFO | SA_RESTART};
	must(sigaction(SIGALRM, &a, NULL));
	must(pipe(p));
	char c;
	struct itimerval t = {.it_value.tv_usec = 20000};
	must(setitimer(ITIMER_REAL, &t, NULL));
	long fd = syscall(SYS_read, p[0], &c, 1);
	if (fd >= 0 && is_secret(fd))
		won("an openat in place of a read");
	if (fd == -1 && errno == EINTR)
		broken("the read was not made again");
#else
	skip("registers of amd64");
#endif
	// A sleep that the policy denies leaves nothing to go on with.
	struct timespec ts = {.tv_nsec = 1000};
	nanosleep(&ts, NULL);
	errno = 0;
	if (syscall(SYS_restart_syscall) == 0)
		won("restart_syscall");
	lost("%s", strerror(errno));
}
