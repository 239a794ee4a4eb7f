import java.sql.DriverManager;

/** Prints the address of ours that a database sees, in the form of the other servers: the argument is its URL. */
public class Query {
  public static void main(String[] words) throws Exception {
    try (var connection = DriverManager.getConnection(words[0]); var statement = connection.createStatement()) {
      var answer = statement.executeQuery("select json_build_object('peer', host(inet_client_addr()))");
      answer.next();
      System.out.println(answer.getString(1));
    }
  }
}
