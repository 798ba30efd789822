// The loader of an allowed program is the forbidden one: a copy of this program
// that says so in its PT_INTERP, and that is exchanged meanwhile.
#include "attack.h"

int main(void)
{
	static char b[1 << 20];
	honest();
	int from = must(open("/proc/self/exe", O_RDONLY));
	ssize_t n = must(read(from, b, sizeof b));
	char *at = memmem(b, n, "/lib64/ld-linux", 15);
	if (at == NULL)
		at = memmem(b, n, "/lib/ld-linux", 13);
	const char *other = "secret/evil";
	if (at == NULL || strlen(at) < strlen(other))
		skip("no loader's name in the program");
	// What follows the shorter name stays: the kernel takes it as a C string.
	strcpy(at, other);
	int to = must(open("open/tool", O_WRONLY | O_CREAT, 0755));
	must(write(to, b, n));
	close(to);
	pid_t pid = must(vfork());
	if (pid == 0) {
		char *args[] = {"tool", NULL};
		execve("open/tool", args, args + 1);
		_exit(LOST);
	}
	int got = exited(pid);
	if (got == 0)
		won("the loader ran");
	lost("status %d", got);
}
