// A program that comes under another profile, with more rights, is given code by its
// caller: in a library that the environment names.
#include "attack.h"

int main(int argc, char **argv)
{
	honest();
	if (argc > 1) // the program that is trusted
		lost("it ran as it is");
	if (system("gcc -shared -fPIC -o open/lib.so -x c - <<'EOF'\n"
		   "#include <fcntl.h>\n#include <unistd.h>\n"
		   "__attribute__((constructor)) static void f(void)\n"
		   "{ char b[9] = \"\"; int fd = open(\"secret/key\", O_RDONLY); _exit(fd >= 0 && read(fd, b, 6) == 6 && b[0] == 'S' ? 0 : 3); }\n"
		   "EOF\n") != 0)
		skip("no gcc");
	char cwd[4096], lib[4200];
	must(getcwd(cwd, sizeof cwd) == NULL ? -1 : 0);
	snprintf(lib, sizeof lib, "%s/open/lib.so", cwd);
	for (int i = 0; i < 2; i++) {
		pid_t pid = helper();
		if (pid == 0) {
			if (i == 0)
				setenv("LD_PRELOAD", lib, 1);
			else
				setenv("LD_AUDIT", lib, 1);
			execl("/proc/self/exe", "trusted", "trusted", NULL);
			_exit(BROKEN);
		}
		int status = exited(pid);
		if (status == WON)
			won("%s", i == 0 ? "LD_PRELOAD" : "LD_AUDIT");
		if (status != LOST)
			broken("the trusted program did not run: %d", status);
	}
	lost("it ran as it is");
}
