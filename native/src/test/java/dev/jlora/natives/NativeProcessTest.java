package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NativeProcessTest {
  private static String variable(String name) throws Throwable {
    Linker linker = Linker.nativeLinker();
    var getenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("getenv"), FunctionDescriptor.of(ADDRESS, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
      return value.address() == 0 ? "(unset)" : value.reinterpret(1000).getString(0);
    }
  }

  @Test
  void sets_a_variable_for_native_code_unless_it_is_set() throws Throwable {
    NativeProcess.setVariableUnlessSet("JLORA_TEST_VARIABLE", "first");
    NativeProcess.setVariableUnlessSet("JLORA_TEST_VARIABLE", "second");

    assertThat(variable("JLORA_TEST_VARIABLE")).isEqualTo("first");
  }

  @Test
  void loading_libtorch_puts_waiting_threads_to_sleep() throws Throwable {
    NativeTorch.load();

    assertThat(variable("OMP_WAIT_POLICY")).isEqualToIgnoringCase("passive");
  }

  @Test
  void a_thread_that_gives_way_is_nicer_than_the_others() throws Exception {
    AtomicReference<String> before = new AtomicReference<>();
    AtomicReference<String> after = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  before.set(nice());
                  NativeProcess.giveWay(19);
                  after.set(nice());
                });
    thread.join();

    assertThat(after.get()).isEqualTo("19");
    assertThat(nice()).as("this thread's own").isEqualTo(before.get());
  }

  @Test
  void a_process_can_end_without_what_its_libraries_would_do_at_the_end() {
    assertThat(ChildJvm.start(EndMain.class, List.of()).output()).endsWith("exit 9");
    assertThat(ChildJvm.start(EndMain.class, List.of(), "at once").output())
        .as("Java's hooks, and the exit code")
        .endsWith("the hook of Java\nexit 7");
  }

  /** Field 19 of a thread's stat line, counted after the name in parentheses. */
  private static String nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
