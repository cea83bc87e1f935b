// How to send spans here, and whether any have come.
export default function ConnectPage({ language }: { language: string | null }) {
  return <main>{language}</main>;
}
