// The program traces its own child, which asks for that, changes the words of the
// child's call at its stop, or its registers.
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/user.h>

int main(void)
{
	static char path[32] = "open/file";
	honest();
	pid_t pid = helper();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0)
			_exit(3);
		raise(SIGSTOP);
		_exit(is_secret(open(path, O_RDONLY)) ? WON : LOST);
	}
	int status;
	must(waitpid(pid, &status, WUNTRACED));
	if (!WIFSTOPPED(status))
		lost("PTRACE_TRACEME failed");
	long text[2];
	memcpy(text, "secret/key\0\0\0\0\0", sizeof text);
	ptrace(PTRACE_POKEDATA, pid, path, text[0]);
	ptrace(PTRACE_POKEDATA, pid, path + 8, text[1]);
	ptrace(PTRACE_CONT, pid, 0, 0);
	if (exited(pid) == WON)
		won("PTRACE_POKEDATA");
	lost("%s", strerror(errno));
}
