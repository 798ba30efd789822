// A vfork child shares the memory, and its parent waits in the kernel: the child
// changes what the parent's words say, and what it is, while nobody can look.
#include "attack.h"

int main(void)
{
	static char path[32] = "open/file";
	honest();
	pid_t pid = must(vfork());
	if (pid == 0) {
		strcpy(path, "secret/key");
		if (is_secret(open(path, O_RDONLY)))
			_exit(WON);
		char *argv[] = {"evil", NULL};
		execve("secret/evil", argv, argv + 1);
		_exit(LOST);
	}
	if (exited(pid) == WON || is_secret(open(path, O_RDONLY)))
		won("%s", path);
	lost("%s", strerror(errno));
}
