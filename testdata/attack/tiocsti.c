// The answer to the question is typed at the terminal: TIOCSTI, also with bits that
// the kernel does not look at, and by a descriptor of its own of the terminal.
#include "attack.h"
#include <sys/ioctl.h>
#include <termios.h>

static void answer(int fd, unsigned long op, const char *how)
{
	char c = 'y', got = 0;
	if (syscall(SYS_ioctl, fd, op, &c) != 0)
		return;
	if (read(fd, &got, 1) == 1 && got == 'y')
		won("%s", how);
}

int main(void)
{
	honest();
	int master = must(posix_openpt(O_RDWR | O_NOCTTY));
	must(grantpt(master));
	must(unlockpt(master));
	pid_t pid = must(fork());
	if (pid == 0) {
		setsid();
		int s = must(open(ptsname(master), O_RDWR));
		must(ioctl(s, TIOCSCTTY, 0));
		struct termios t;
		must(tcgetattr(s, &t));
		t.c_lflag &= ~(ICANON | ECHO);
		t.c_cc[VMIN] = 0, t.c_cc[VTIME] = 10;
		must(tcsetattr(s, TCSANOW, &t));
		answer(s, TIOCSTI, "TIOCSTI");
		int e = errno;
		answer(s, TIOCSTI | 1ul << 32, "TIOCSTI + 2^32");
		answer(s, TIOCSTI | 0xfffffffful << 32, "TIOCSTI with all other bits");
		answer(open("/dev/tty", O_RDWR), TIOCSTI, "TIOCSTI of /dev/tty");
		if (e == EIO)
			skip("dev.tty.legacy_tiocsti is 0");
		lost("%s", strerror(e));
	}
	_exit(exited(pid));
}
