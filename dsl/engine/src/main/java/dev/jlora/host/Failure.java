package dev.jlora.host;

import com.google.inject.ConfigurationException;
import com.google.inject.CreationException;
import com.google.inject.ProvisionException;
import com.google.inject.spi.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Describes failures of a plugin for the user who installed it. */
public final class Failure {
  private static final Pattern CLASS_FILE = Pattern.compile("class file version (\\d+)");
  private static final int CLASS_FILE_OF_JAVA_0 = 44;
  private static final String OURS = "dev.jlora.";
  private static final int MOST_CAUSES = 4;

  private Failure() {}

  /**
   * The jar of the plugin folder whose code threw, from the class loader of the first frame that
   * has one.
   */
  public static Optional<String> jar(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      for (StackTraceElement frame : each.getStackTrace()) {
        String loader = frame.getClassLoaderName();
        if (loader != null && loader.endsWith(".jar")) {
          return Optional.of(loader);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The class that threw, if it is neither jlora's nor the JDK's: code of a plugin on the class
   * path, or of the surrounding program.
   */
  public static Optional<String> otherCode(Throwable failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      String loader = frame.getClassLoaderName();
      if (loader != null && !loader.equals("platform")) {
        String name = frame.getClassName();
        return name.startsWith(OURS) ? Optional.empty() : Optional.of(name);
      }
    }
    return Optional.empty();
  }

  /**
   * A failure and its causes in one line, with a remedy if known: for a class that is missing, or
   * was compiled for another version of Java or jlora.
   */
  public static String text(Throwable failure) {
    Throwable first = unwrapped(failure);
    Collection<Message> messages = messages(first);
    if (!messages.isEmpty()) {
      return String.join("; ", messages.stream().map(Failure::text).distinct().toList());
    }
    List<String> texts = new ArrayList<>();
    for (Throwable each = first;
        each != null && texts.size() < MOST_CAUSES;
        each = each.getCause()) {
      String text = one(each);
      if (texts.stream().noneMatch(before -> before.contains(text))) {
        texts.add(text);
      }
    }
    return String.join(", caused by ", texts);
  }

  private static String text(Message message) {
    Throwable cause = message.getCause();
    return cause == null ? message.getMessage().strip() : text(cause);
  }

  private static Collection<Message> messages(Throwable failure) {
    return switch (failure) {
      case CreationException creation -> creation.getErrorMessages();
      case ProvisionException provision -> provision.getErrorMessages();
      case ConfigurationException configuration -> configuration.getErrorMessages();
      default -> List.of();
    };
  }

  /** The cause of an initializer error. */
  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof ExceptionInInitializerError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String one(Throwable failure) {
    String message = failure.getMessage();
    return switch (failure) {
      case UnsupportedClassVersionError _ -> otherJava(message);
      case NoClassDefFoundError _ when isName(message) -> missing(message);
      case ClassNotFoundException _ when isName(message) -> missing(message);
      case IncompatibleClassChangeError _ ->
          "it was built for another version of jlora or of a library (%s); get the one for this"
                  .formatted(named(failure))
              + " version";
      case ClassFormatError _ -> "one of its classes is damaged (" + named(failure) + ")";
      case VerifyError _ -> "one of its classes is damaged (" + named(failure) + ")";
      default -> named(failure);
    };
  }

  private static String named(Throwable failure) {
    String type = failure.getClass().getSimpleName();
    return failure.getMessage() == null ? type : type + ": " + failure.getMessage();
  }

  /** Whether the message of a missing class is only its name. */
  private static boolean isName(@Nullable String message) {
    return message != null && message.matches("[\\w$/.]+");
  }

  private static String missing(String name) {
    String dotted = name.replace('/', '.');
    return dotted.startsWith(OURS)
        ? "the class %s is not in this version of jlora; get the plugin for it".formatted(dotted)
        : ("the class %s is missing; pack the library that has it into the plugin's jar, or put it"
                + " on the class path")
            .formatted(dotted);
  }

  private static String otherJava(@Nullable String message) {
    Matcher version = CLASS_FILE.matcher(message == null ? "" : message);
    return version.find()
        ? "it was compiled for Java %d, and this is Java %d; compile it with --release %d, or run a newer Java"
            .formatted(
                Integer.parseInt(version.group(1)) - CLASS_FILE_OF_JAVA_0,
                Runtime.version().feature(),
                Runtime.version().feature())
        : "it was compiled for another Java: " + message;
  }
}
